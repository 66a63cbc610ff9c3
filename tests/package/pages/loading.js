// Loading the WebAssembly, by init() and by what needs it, when all is well and when it is not.

import { assert, here, next, other, pause, rejection, same, test, until } from './harness.js';

let copies = 0;
/** A package that has loaded nothing yet. */
const fresh = () => import(`./copies/${copies++}/index.js`);
/** Where the newest has its WebAssembly. */
const file = () => `${here}/copies/${copies - 1}/eventsource_wasm_bg.wasm`;
const stream = `${other}/events?cors=on&t0=0&data=n&interval=10ms`;
const opens = (EventSource) => new EventSource(stream, { reconnect: true }).close();

/** What a page asks for while `body` runs. */
async function fetches(body) {
  const { fetch } = globalThis;
  const asked = [];
  globalThis.fetch = (source, ...others) => {
    asked.push(String(source));
    return fetch(source, ...others);
  };
  try {
    await body();
  } finally {
    globalThis.fetch = fetch;
  }
  return asked;
}

test('however often and however close together it is called, it loads once', async () => {
  const { default: init, EventSource } = await fresh();
  const modules = [];
  const asked = await fetches(async () => {
    modules.push(...await Promise.all([init(), init(), init()]));
    modules.push(await init());
  });
  same(asked, [file()]);
  assert(modules.every((module) => module === modules[0]));
  opens(EventSource);
});

const wasm = `${here}/pkg/eventsource_wasm_bg.wasm`;
const sources = {
  'an address': () => wasm,
  'an address of no type': () => `${here}/of-no-type`,
  'a URL': () => new URL(wasm),
  'a Request': () => new Request(wasm),
  'an answer': () => fetch(wasm),
  bytes: async () => (await fetch(wasm)).arrayBuffer(),
  'a compiled module': () => WebAssembly.compileStreaming(fetch(wasm)),
  'an object with any of these': () => ({ module_or_path: fetch(wasm) }),
};
for (const [name, source] of Object.entries(sources)) {
  test(`it takes ${name}`, async () => {
    const { default: init, EventSource } = await fresh();
    await init(source());
    opens(EventSource);
  });
}

const failures = {
  'a file that is not there': ['/missing.wasm', /answered 404 for .*missing\.wasm; serve the package's file/],
  'a page in its place': ['/page.html', /a page \(text\/html\) for .*page\.html; serve/],
  'no server': ['http://127.0.0.1:1/file.wasm', /http:\/\/127\.0\.0\.1:1\/file\.wasm could not be fetched; is the server there.*connect-src/],
  'a broken file': ['/broken.wasm', /could not be started; make sure that the file is complete/],
  'broken bytes': [new Uint8Array(8), /could not be started/],
};
for (const [name, [source, message]] of Object.entries(failures)) {
  test(`${name} is an error that says what to do, and it may be called again`, async ({ note }) => {
    const { default: init, EventSource } = await fresh();
    const error = await rejection(init(source));
    assert(error instanceof Error && message.test(error.message), error.message);
    note(error.message);
    await init();
    opens(EventSource);
  });
}

test('without options nothing is loaded', async () => {
  const { EventSource } = await fresh();
  const asked = await fetches(async () => {
    const source = new EventSource(stream);
    same((await next(source, 'message')).data, '0');
    source.close();
  });
  same(asked, []);
});

test('options load it, once, and until then the source is connecting', async () => {
  const { EventSource } = await fresh();
  const asked = await fetches(async () => {
    const [one, two] = [{ reconnect: true }, { transport: 'fetch' }].map((options) => new EventSource(stream, options));
    for (const source of [one, two]) {
      same([source.url, source.readyState, source.state, source.lastEventId, source.stats.messages], [stream, 0, { name: 'connecting', attempt: 1 }, '', 0]);
    }
    await Promise.all([one, two].map(async (source) => {
      const seen = [];
      source.onopen = () => seen.push(`open ${source.readyState}`);
      source.addEventListener('statechange', ({ detail }) => seen.push(detail.name));
      const first = await next(source, 'message');
      same([seen, first.data, first.target === source], [['open 1', 'open'], '0', true]);
      source.close();
    }));
  });
  same(asked.filter((url) => url.includes('.wasm')), [file()]);
});

test('what is done meanwhile counts', async () => {
  const { EventSource, listMessages } = await fresh();
  const controller = new AbortController();
  const [closed, aborted, read] = [{}, { signal: controller.signal }, {}].map((options) => new EventSource(stream, { ...options, transport: 'fetch' }));
  const seen = [];
  for (const source of [closed, aborted]) for (const type of ['open', 'message', 'error', 'statechange']) source.addEventListener(type, ({ detail }) => seen.push(detail?.reason ?? type));
  const messages = read.messages('message', { capacity: 2 });
  closed.close();
  controller.abort();
  const [shown, cleared, left] = ['ul', 'ol', 'ul'].map((name) => listMessages(document.body.appendChild(document.createElement(name)), read));
  cleared.pause();
  left.close();
  same([shown.paused, cleared.paused, left.paused], [false, true, false]);
  const first = [];
  for await (const { data } of messages) if (first.push(data) === 3) break;
  same(first, ['0', '1', '2']);
  await until('the list shows them', () => document.querySelector('ul').childElementCount >= 3);
  same([document.querySelector('ol').childElementCount, [...document.querySelectorAll('ul')].at(-1).childElementCount], [0, 0]);
  cleared.resume();
  await until('so does the other', () => document.querySelector('ol').childElementCount >= 3);
  read.close();
  await pause(50);
  same(seen, ['close', 'abort']);
});

test('a URL that is none, and options that are wrong, are refused at once', async () => {
  const { EventSource } = await fresh();
  const refused = (...given) => { try { new EventSource(...given); } catch ({ name, message }) { return `${name}: ${message}`; } };
  assert(/^SyntaxError: "http:\/\/\[" is not a valid URL/.test(refused('http://[', { transport: 'fetch' })));
  assert(/^TypeError: EventSource: openTimeout must be/.test(refused(stream, { openTimeout: 'x' })));
  assert(/^TypeError: EventSource: lastEventId must have no line break/.test(refused(stream, { lastEventId: 'a\n' })));
  for (const request of [{ method: 'CONNECT' }, { method: 'a b' }, { body: 'x' }]) {
    assert(/^TypeError: EventSource: the browser refuses to make this request: /.test(refused(stream, { transport: 'fetch', ...request })), JSON.stringify(request));
  }
  assert(/^TypeError: EventSource: a ReadableStream/.test(refused(stream, { transport: 'fetch', method: 'POST', body: new ReadableStream() })));
});

test('where it can\'t be loaded the source closes and says why, and the next tries again', async ({ note }) => {
  const { EventSource } = await fresh();
  const { fetch } = globalThis;
  globalThis.fetch = () => fetch('/missing.wasm');
  const source = new EventSource(stream, { reconnect: true });
  const seen = [];
  source.onerror = () => seen.push(`error ${source.readyState}`);
  source.addEventListener('statechange', ({ detail }) => seen.push(`${detail.name} ${detail.reason}`));
  const waiting = rejection(source.messages().next());
  await until('it is over', () => seen.length === 2);
  globalThis.fetch = fetch;
  same(seen, ['error 2', 'closed failure']);
  assert(await waiting === source.state.cause);
  note(source.state.cause.message);
  assert(/answered 404 for .*serve the package's/.test(source.state.cause.message), source.state.cause.message);
  const again = new EventSource(stream, { reconnect: true });
  await next(again, 'message');
  again.close();
});

test('reconnect() of a source without options loads it', async () => {
  const { EventSource } = await fresh();
  const source = new EventSource(stream);
  same(source.lastEventId, '');
  const seen = [];
  source.onmessage = ({ data }) => seen.push(Number(data));
  await until('some are there', () => seen.length >= 3);
  source.reconnect();
  same(source.readyState, 0);
  await until('it goes on', () => seen.length >= 20);
  source.close();
  same(seen, seen.map((_, n) => n));
});

test('initSync has an entry of its own', async () => {
  const { default: init, EventSource, initSync } = await import(`./copies/${copies++}/sync.js`);
  const { memory } = initSync({ module: await (await fetch(file())).arrayBuffer() });
  assert(memory instanceof WebAssembly.Memory);
  opens(EventSource);
  same((await init()).memory === memory, true);
});

/** Where the newest has the WebAssembly that shares connections. */
const sharing = () => file().replace('_bg', '_share_bg');
/** Opens a source that shares; gives its part when it is open. */
async function partOf(EventSource, name) {
  const source = new EventSource(stream, { share: name });
  await next(source, 'message');
  const { shared } = source.state;
  source.close();
  return shared;
}

test('share loads a WebAssembly of its own, which does for all that comes later', async () => {
  const { default: init, EventSource } = await fresh();
  const asked = await fetches(async () => {
    same(await partOf(EventSource, 'first'), 'leader');
    await init();
    opens(EventSource);
  });
  same(asked.filter((url) => url.includes('.wasm')), [sharing()]);
});

test('where the other one is there already, both go on', async () => {
  const { EventSource } = await fresh();
  const asked = await fetches(async () => {
    const plain = new EventSource(stream, { transport: 'fetch' });
    await next(plain, 'message');
    same(await partOf(EventSource, 'second'), 'leader');
    const { messages } = plain.stats;
    await until('the first one goes on', () => plain.stats.messages > messages);
    plain.close();
  });
  same(asked.filter((url) => url.includes('.wasm')), [file(), sharing()]);
});

test('init loads it before it is needed, also from elsewhere', async () => {
  for (const source of [() => ({ share: true }), () => ({ share: true, module_or_path: fetch(sharing()) })]) {
    const { default: init, EventSource } = await fresh();
    const { memory } = await init(source());
    same((await init()).memory === memory, true);
    same((await fetches(() => partOf(EventSource, 'loaded before'))).filter((url) => url.includes('.wasm')), []);
  }
});

test('one in the other\'s place is an error that says so', async () => {
  for (const given of [() => sharing(), () => ({ share: true, module_or_path: file() })]) {
    const { default: init } = await fresh();
    const error = await rejection(init(given()));
    assert(/could not be started; make sure that the file is complete, is the build that the options need \(share\)/.test(error.message), error.message);
  }
});

test('initSync has an entry for sharing too', async () => {
  const { default: init, EventSource, initSync } = await import(`./copies/${copies++}/sync-share.js`);
  const { memory } = initSync({ module: await (await fetch(sharing())).arrayBuffer() });
  same(await partOf(EventSource, 'at once'), 'leader');
  same((await init()).memory === memory, true);
});
