// The class, beyond what the platform's object has.

import init, * as exported from '../eventsource_wasm.js';

import { assert, connections, here, next, pause, same, script, test, thrown, token, until } from './harness.js';

const { EventSource } = exported;
const endless = ['id: 7\ndata: one\n\n', { end: 'stall' }];

/** The names of a source's states, from now on. */
function states(source) {
  const seen = [source.state.name];
  source.addEventListener('statechange', ({ detail }) => seen.push(detail.name));
  return seen;
}

test('without options it needs no init()', async () => {
  const source = new EventSource(await script(endless), { withCredentials: false, signal: new AbortController().signal });
  assert(source instanceof globalThis.EventSource);
  same((await next(source, 'message')).data, 'one');
  source.close();
});

/** Whether this is the npm package; what wasm-pack leaves loads nothing by itself. */
const { exports: loadsItself } = await (await fetch('/pkg/package.json')).json();

test('before init() what needs it says what to do', async () => {
  if (loadsItself !== undefined) return;
  const list = () => document.createElement('ul');
  const source = new EventSource('/events');
  for (const use of [
    () => new EventSource('/events', { reconnect: true }),
    () => new EventSource('/events', { transport: 'fetch' }),
    () => exported.listMessages(list(), '/events'),
    () => exported.listMessages(list(), source),
  ]) {
    const error = thrown(use);
    same(error.constructor.name, 'Error');
    assert(error.message.includes('await init()'), error.message);
  }
  source.close();
});

test('init() may be called again', async () => {
  await init();
  const first = await init();
  assert(first === await init());
});

test('the package exports this and nothing else', async () => {
  // A build for debugging has one more.
  same(Object.keys(exported).filter((name) => name !== '__wasm').sort(), ['EventSource', 'MessageList', 'default', 'initSync', 'listMessages']);
  const source = new EventSource('/events');
  same(['free', 'ptr', '__wbg_ptr'].filter((name) => name in source), []);
  source.close();
});

test('messages are MessageEvents of the source', async () => {
  const source = new EventSource(await script(endless));
  const message = await next(source, 'message');
  assert(message instanceof MessageEvent && source instanceof globalThis.EventTarget);
  assert(message.target === source);
  same([message.data, message.lastEventId, message.origin], ['one', '7', here]);
  same(message.isTrusted, true, 'it is the platform\'s own object');
  source.close();
});

test('states are told in order, with readyState beside them', async () => {
  const source = new EventSource(`${here}/events?t0=0&interval=0&retry=1&token=${token()}&plan=200:drop=1,204`);
  same([source.state, source.readyState], [{ name: 'connecting', attempt: 1 }, 0]);
  const seen = [];
  for (const type of ['open', 'message', 'error', 'statechange']) {
    source.addEventListener(type, ({ detail }) => seen.push(`${type} ${detail?.name ?? ''} ${source.readyState} ${source.state.name}`));
  }
  await until('it is over', () => seen.some((text) => text.startsWith('statechange closed')));
  same(seen, [
    'open  1 open', 'statechange open 1 open', 'message  1 open',
    'error  0 waiting', 'statechange waiting 0 waiting', 'error  2 closed', 'statechange closed 2 closed',
  ]);
});

test('a state of waiting tells who waits, and why', async () => {
  const source = new EventSource(`${here}/events?t0=0&interval=0&retry=1000&drop=1`);
  const { detail } = await change(source, 'waiting');
  same([detail.attempt, detail.delay, detail.cause.name, detail.cause instanceof Error], [1, null, 'DisconnectedError', true]);
  source.close();
  // Whoever reads the stream, the words are the same.
  const said = async (options) => {
    const one = new EventSource(`${here}/events?t0=0&interval=0&retry=1000&drop=2`, options);
    one.onmessage = () => {};
    const { detail: { cause } } = await change(one, 'waiting');
    one.close();
    return [cause.name, cause.message];
  };
  same(await said(), await said({ gapEvent: null }));
  const gaveUp = async (options) => {
    const one = new EventSource(`${here}/events?status=404`, options);
    const { detail: { cause } } = await change(one, 'closed');
    return [cause.name, cause.message];
  };
  same(await gaveUp(), await gaveUp({ gapEvent: null }));
});

/** The change to a state. */
function change(source, name) {
  return new Promise((resolve) => {
    source.addEventListener('statechange', (event) => { if (event.detail.name === name) resolve(event); });
  });
}

test('a source that gives up says why', async () => {
  const source = new EventSource(`${here}/events?status=503`);
  const { detail } = await change(source, 'closed');
  same([detail.reason, detail.cause.name], ['failure', 'ConnectionFailedError']);
  assert(detail.cause.message.includes('status=503'), detail.cause.message);
  assert(source.state === detail);
});

test('a probe finds the status', async () => {
  const source = new EventSource(`${here}/events?status=401`, { probe: true, reconnect: true });
  const errors = [];
  source.onerror = () => errors.push(source.readyState);
  const { detail } = await change(source, 'closed');
  same([detail.cause.name, detail.cause.status, errors], ['StatusError', 401, [0, 2]]);
});

test('close() is told as a state, once, and nothing else is', async () => {
  const source = new EventSource(await script(endless));
  await next(source, 'message');
  const seen = states(source);
  for (const type of ['open', 'message', 'error']) source.addEventListener(type, () => seen.push(type));
  source.close();
  same([source.readyState, source.state], [2, { name: 'closed', reason: 'close', cause: null }]);
  same(seen, ['open', 'closed'], 'inside the call');
  source.close();
  await pause(50);
  same(seen, ['open', 'closed']);
});

test('a source closed inside a statechange tells the end next', async () => {
  const source = new EventSource('/events');
  const seen = states(source);
  source.addEventListener('statechange', () => source.close());
  source.onmessage = () => seen.push('message');
  await change(source, 'closed');
  await pause(50);
  same(seen, ['connecting', 'open', 'closed']);
});

test('a server may name an event statechange', async () => {
  const source = new EventSource(await script(['event: statechange\ndata: x\n\n', { end: 'stall' }]));
  await next(source, 'open');
  const event = await new Promise((resolve) => { source.addEventListener('statechange', (given) => { if ('data' in given) resolve(given); }); });
  same([event.data, event instanceof MessageEvent], ['x', true]);
  source.close();
});

test('what it has counted and its place can be asked after the end', async () => {
  const source = new EventSource(await script(['id: 7\ndata: 1\n\ndata: 22\n\n', { end: 'stall' }]));
  same([source.lastEventId, source.stats.messages, source.stats.lastMessageAge], ['', 0, null]);
  const seen = [];
  source.onmessage = ({ data }) => seen.push(data);
  await until('two messages', () => seen.length === 2);
  const told = ({ messages, bytes, dropped, duplicates, reconnects }) => [messages, bytes, dropped, duplicates, reconnects];
  const before = [source.url, source.lastEventId, ...told(source.stats)];
  same(before.slice(1), ['7', 2, 3, 0, 0, 0]);
  source.close();
  await pause(20);
  same([source.url, source.lastEventId, ...told(source.stats)], before);
  const { lastMessageAge, lastActivityAge } = source.stats;
  assert(lastMessageAge >= 15 && lastActivityAge >= 15, `${lastMessageAge} ${lastActivityAge}`);
  await pause(20);
  assert(source.stats.lastMessageAge >= lastMessageAge + 15);
});

test('what a script dispatches on it tells nothing of the stream', async () => {
  const source = new EventSource(await script(endless));
  same(source.stats.messages, 0);
  const messages = source.messages();
  same((await messages.next()).value.data, 'one');
  const seen = states(source);
  let heard = 0;
  for (const type of ['open', 'error', 'message']) source.addEventListener(type, () => { heard += 1; });
  for (const event of [new Event('error'), new Event('open'), new MessageEvent('message', { data: 'mine' })]) source.dispatchEvent(event);
  await pause(20);
  same([heard, seen, source.state.name, source.stats.messages], [3, ['open'], 'open', 1]);
  source.close();
  same(await messages.next(), { value: undefined, done: true });
});

test('a signal closes it', async () => {
  const controller = new AbortController();
  const source = new EventSource(await script(endless), { signal: controller.signal });
  await next(source, 'message');
  const seen = states(source);
  controller.abort('enough');
  same([source.readyState, source.state], [2, { name: 'closed', reason: 'abort', cause: 'enough' }]);
  same(seen, ['open', 'closed']);
});

test('a signal that is aborted inside an event closes it', async () => {
  const steps = ['open', 'statechange', 'message'];
  for (const type of steps) {
    const controller = new AbortController();
    const source = new EventSource(await script(endless), { signal: controller.signal });
    const seen = [];
    for (const each of steps) source.addEventListener(each, ({ detail }) => seen.push(`${each} ${detail?.name ?? ''}`.trim()));
    const messages = source.messages();
    source.addEventListener(type, () => controller.abort(), { once: true });
    await until('it is closed', () => source.readyState === 2);
    same((await messages.next()).done, type !== 'message');
    same(seen, [...steps.slice(0, steps.indexOf(type) + 1).map((each) => (each === 'statechange' ? 'statechange open' : each)), 'statechange closed']);
  }
});

test('a signal that was aborted before opens no connection', async () => {
  const { EventSource: Native, fetch } = globalThis;
  const asked = [];
  globalThis.EventSource = class extends Native {
    constructor(...given) {
      asked.push('native');
      super(...given);
    }
  };
  globalThis.fetch = (...given) => {
    asked.push('fetch');
    return fetch(...given);
  };
  try {
    for (const transport of ['native', 'fetch']) {
      const source = new EventSource('/events', { transport, signal: AbortSignal.abort('before'), lastEventId: '7' });
      same([source.readyState, source.state], [2, { name: 'closed', reason: 'abort', cause: 'before' }]);
      same([source.url, source.lastEventId, source.stats.messages], [`${here}/events`, '7', 0]);
      same(await source.messages().next(), { value: undefined, done: true });
      source.onopen = source.onmessage = source.onerror = () => asked.push('an event');
      source.reconnect();
      source.close();
    }
    const source = new EventSource('/events', { signal: AbortSignal.abort() });
    same((await change(source, 'closed')).detail, source.state);
    same([source.url, source.lastEventId, source.stats.messages], [`${here}/events`, '', 0]);
    const shown = exported.listMessages(document.createElement('ul'), '/events', { signal: AbortSignal.abort() });
    same(shown.state.reason, 'abort');
    shown.close();
    await pause(0);
  } finally {
    Object.assign(globalThis, { EventSource: Native, fetch });
  }
  same(asked, []);
});

test('an event is dispatched while the browser dispatches its own', async () => {
  const { EventSource: Native } = globalThis;
  let native;
  globalThis.EventSource = class extends Native {
    constructor(...given) {
      super(...given);
      native = this;
    }
  };
  let source;
  try {
    source = new EventSource(await script(endless));
  } finally {
    globalThis.EventSource = Native;
  }
  await next(source, 'message');
  const seen = [];
  source.onmessage = ({ data }) => seen.push(data);
  source.onerror = () => seen.push('error');
  native.dispatchEvent(new MessageEvent('message', { data: 'two' }));
  same(seen, ['two']);
  native.dispatchEvent(new Event('error'));
  same(seen, ['two', 'error']);
  source.close();
});

test('using closes it', async () => {
  const source = new EventSource('/events');
  if (Symbol.dispose === undefined) source.close();
  else source[Symbol.dispose]();
  same(source.readyState, 2);
});

test('it can be extended', async () => {
  class Mine extends EventSource {
    constructor(path) {
      super(path, { withCredentials: true });
      this.seen = [];
      this.onmessage = ({ data }) => this.seen.push(data);
    }

    get closed() {
      return this.readyState === Mine.CLOSED;
    }
  }
  const source = new Mine(await script(endless));
  await next(source, 'message');
  same([source.seen, source.closed, source.withCredentials], [['one'], false, true]);
  source.close();
  same(source.closed, true);
});

test('reconnect() makes a new connection after the last id', async () => {
  const source = new EventSource(`${here}/events?t0=0&data=n&interval=0&count=4&drop=2&retry=60000`);
  const seen = states(source);
  source.onmessage = ({ data }) => seen.push(data);
  await change(source, 'waiting');
  source.reconnect();
  await until('all has come', () => seen.includes('3'));
  same(seen.slice(0, 9), ['connecting', 'open', '0', '1', 'waiting', 'connecting', 'open', '2', '3']);
  source.close();
  source.reconnect();
  same(source.readyState, 2);
});

test('the server is left when it is closed', async () => {
  const mark = token();
  const source = new EventSource(`${here}/events?token=${mark}`);
  await next(source, 'open');
  same((await connections(mark)).length, 1);
  source.close();
  await until('the server has nobody', async () => (await connections(mark)).length === 0);
});

test('what a listener throws is reported and stops nothing', async () => {
  const reported = [];
  const note = (event) => {
    reported.push(event.error?.message);
    event.preventDefault();
  };
  addEventListener('error', note);
  const source = new EventSource(await script(['data: 1\n\ndata: 2\n\n', { end: 'stall' }]));
  const seen = [];
  source.onopen = () => { throw new Error('in open'); };
  source.addEventListener('statechange', () => { throw new Error('in statechange'); });
  source.onmessage = ({ data }) => {
    seen.push(data);
    throw new Error(`in ${data}`);
  };
  await until('both have come', () => seen.length === 2);
  source.close();
  await pause(20);
  removeEventListener('error', note);
  same(reported, ['in open', 'in statechange', 'in 1', 'in 2', 'in statechange']);
});
