// Sources that are opened again, and what may happen meanwhile.

import init, { EventSource } from '../eventsource_wasm.js';

import { answering, broken, closed, complete, data, open, policy, streamed } from './asking.js';
import { assert, connections, here, next, pause, rejection, same, script, test, thrown, token, until } from './harness.js';

await init();

/** An answer that goes on after this text. */
const stalled = (text) => streamed(new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode(text)) }));

function told(source) {
  const states = [];
  source.addEventListener('statechange', ({ detail }) => states.push(`${detail.name} ${source.readyState}`));
  return states;
}

test('opened again where it tells its failure, it tells its states in order', async () => {
  const [give] = answering(503, stalled('data: a\n\n'));
  const source = open('/x', { fetch: give });
  const states = told(source);
  source.onerror = () => source.reopen();
  same((await next(source, 'message')).data, 'a');
  same(states, ['closed 2', 'connecting 0', 'open 1']);
  source.close();
  const native = new EventSource(`${here}/events?interval=1s&token=${token()}&plan=404,200`);
  void native.lastEventId;
  const ofNative = told(native);
  native.onerror = () => { if (native.readyState === 2) native.reopen(); };
  await next(native, 'message');
  same(ofNative, ['closed 2', 'connecting 0', 'open 1']);
  native.close();
});

test('closed and opened again inside an event, it is one source', async () => {
  for (const inside of ['open', 'statechange']) {
    const [give, asked] = answering(stalled('data: a\n\n'), stalled('data: b\n\n'));
    const source = open('/x', { fetch: give });
    const states = told(source);
    const late = [];
    source.addEventListener(inside, () => {
      source.close();
      source.reopen();
      source.reopen();
    }, { once: true });
    source.addEventListener('statechange', ({ detail }) => late.push(detail.name));
    same((await next(source, 'message')).data, 'b');
    await pause(30);
    same([states.map((state) => state.split(' ')[0]), asked.length], [late, 2], inside);
    same(late.slice(-3), ['closed', 'connecting', 'open']);
    source.close();
  }
});

test('where it tells that it connects, it is connecting, and can be closed and opened', async () => {
  const calls = { close: (source) => source.close(), reopen: (source) => source.reopen(), both: (source) => { source.close(); source.reopen(); } };
  for (const [name, call] of Object.entries(calls)) {
    const [give, asked] = answering(503, stalled('data: b\n\n'), stalled('data: c\n\n'));
    const source = open('/x', { fetch: give });
    source.onmessage = () => {};
    await closed(source);
    const seen = [];
    source.addEventListener('statechange', ({ detail }) => {
      if (detail.name !== 'connecting' || seen.length > 0) return;
      seen.push([source.readyState, source.state.name]);
      call(source);
    });
    source.reopen();
    if (name !== 'close') await next(source, 'message');
    await pause(50);
    same([seen, source.state.name, asked.length], [[[0, 'connecting']], name === 'close' ? 'closed' : 'open', name === 'close' ? 1 : 2], name);
    source.close();
  }
});

test('reconnect() where the browser tells a loss keeps the order too', async () => {
  const key = token();
  const source = new EventSource(`${here}/events?interval=5ms&token=${key}&plan=200:drop=2,200&retry=9000`);
  void source.lastEventId;
  source.onmessage = () => {};
  const states = told(source);
  source.addEventListener('error', () => source.reconnect(), { once: true });
  await until('it goes on', () => source.stats.messages >= 1 && states.length > 3);
  same(states.map((state) => state.split(' ')[0]), ['open', 'waiting', 'connecting', 'open']);
  source.close();
  await until('nothing else is open', async () => (await connections(key)).length === 0);
});

test('opened again it goes on after what has arrived, whatever an earlier failure has left for a reload', async () => {
  const [give, asked] = answering(broken('id: 1\ndata: a\n\nid: 2\ndata: b\n\n'), streamed('id: 3\ndata: c\n\n'));
  const source = open('/x', { method: 'POST', endData: 'never', resumeAfterReload: 'opened again', fetch: give });
  const messages = source.messages();
  same((await messages.next()).value.data, 'a');
  await until('it has failed', () => source.readyState === 2);
  source.reopen();
  source.onmessage = () => {};
  await until('it has failed again', () => source.readyState === 2);
  same(asked.map(([, , id]) => id), [undefined, '2']);
  sessionStorage.clear();
});

test('a response that was given is read once; opened again, the source asks once', async () => {
  const [give, asked] = answering(streamed('data: b\n\n'), streamed('data: c\n\n'), streamed('data: d\n\n'));
  const source = EventSource.fromResponse(await fetch(`${here}/events?count=1&interval=0&data=n`), { fetch: give, reconnect: policy() });
  same([await data(source.messages()), source.state], [['0'], complete]);
  source.reopen();
  same([await data(source.messages()), source.state, asked.length], [['b'], complete, 1]);
});

test('a request that may be acted on just now is not made again because its answer could be resumed', async () => {
  let answer;
  const asked = [];
  const give = (url, { method }) => {
    asked.push(method);
    return new Promise((resolve) => { answer = resolve; });
  };
  const source = open('/x', { method: 'POST', fetch: give, reconnect: policy(), resume: () => '/on' });
  source.onmessage = () => {};
  await until('it is asked', () => answer !== undefined);
  source.reconnect();
  dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
  dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
  answer(streamed('data: a\n\n'));
  same([await closed(source), asked], [complete, ['POST']]);
});

test('what a request that resumes meets is judged as that of an answer that has begun', async () => {
  for (const options of [{ resend: false, reconnect: policy() }, { reconnect: policy() }]) {
    const [give, asked] = answering(500, streamed('id: 8\ndata: b\n\n'));
    const source = open('/x', { method: 'POST', lastEventId: '7', fetch: give, resume: () => '/on', ...options });
    source.onmessage = () => {};
    same([await closed(source), asked.map(([method]) => method)], [complete, ['GET', 'GET']]);
  }
  const [give, asked] = answering(streamed('id: 8\ndata: b\n\n'));
  const read = open('/x', { fetch: give, resume: () => '/on', reconnect: policy() });
  read.onmessage = () => {};
  same([await closed(read), asked.length], [complete, 1], 'read to its end it is complete, a GET too');
});

test('headers of a function go along with what resumes, but for those of a body; a URL that is none is told as such', async () => {
  const [give, asked] = answering(broken('id: 1\ndata: a\n\n'), streamed('data: b\n\n'));
  const source = open('/x', {
    method: 'POST', body: 'b', fetch: give, reconnect: policy(), resume: () => ({ url: '/on', headers: { 'X-More': '1' } }),
    headers: () => ({ 'Content-Type': 'text/plain', 'X-Auth': 'me' }),
  });
  source.onmessage = () => {};
  await closed(source);
  same(asked.map(([method, , , auth, type]) => [method, auth, type]), [['POST', 'me', 'text/plain'], ['GET', 'me', undefined]]);
  const [other] = answering(broken('id: 1\ndata: a\n\n'));
  const lost = open('/x', { method: 'POST', fetch: other, resume: () => 'http://[no' });
  lost.onmessage = () => {};
  const { detail } = await new Promise((resolve) => {
    lost.addEventListener('statechange', (event) => { if (event.detail.cause?.name === 'ResumeError') resolve(event); });
  });
  assert(detail.cause.message.includes('http://[no'), detail.cause.message);
  lost.close();
});

test('what may have been done is not asked for again by itself', async () => {
  for (const status of [500, 502, 504, 409]) {
    const [give, asked] = answering(status, streamed('data: a\n\n'));
    const { cause } = await closed(open('/x', { method: 'POST', fetch: give, reconnect: policy() }));
    same([cause.status, asked.length], [status, 1]);
  }
  const [give, asked] = answering(new Promise(() => {}), streamed('data: a\n\n'));
  const { cause } = await closed(open('/x', { method: 'POST', fetch: give, reconnect: policy(), openTimeout: 100 }));
  same([cause.name, asked.length], ['OpenTimeoutError', 1]);
});

test('a message that does not tell its place leaves the stream where it is', async () => {
  const [give, asked] = answering(broken('data: {"at":5}\n\ndata: {}\n\nevent: ping\ndata: {}\n\n'), broken('data: {"at":9}\n\ndata: {}\n\n'), stalled('data: {}\n\n'));
  const source = open('/x', { fetch: give, reconnect: policy(), position: ({ data: text }) => JSON.parse(text).at });
  const ids = [];
  source.onmessage = ({ lastEventId }) => ids.push(lastEventId);
  await until('all have come', () => ids.length === 5);
  same([ids, asked.map(([, , id]) => id)], [['5', '5', '9', '9', '9'], [undefined, '5', '9']]);
  source.close();
});

test('of two that say the end, the one that gives nobody the message counts', async () => {
  const source = new EventSource(await script(['event: done\ndata: [DONE]\n\n', { end: 'stall' }]), { transport: 'fetch', endEvent: 'done', endData: '[DONE]' });
  const heard = [];
  source.addEventListener('done', () => heard.push(1));
  same([await closed(source), heard], [complete, []]);
});

test('the good part of a batch is given before what is no JSON', async () => {
  const source = new EventSource(await script(['data: 1\n\ndata: 2\n\ndata: oh\n\n', { end: 'stall' }]), { transport: 'fetch' });
  await next(source, 'open');
  const parsed = source.messages('message', { batch: 9 }).json();
  const seen = [];
  while (seen.length < 2) seen.push(...(await parsed.next()).value);
  same(seen, [1, 2]);
  same((await rejection(parsed.next())).name, 'SyntaxError');
  source.close();
});

test('a decoded message can be copied and posted, and what an iterator throws is an Error', async () => {
  const source = new EventSource(await script(['id: 1\ndata: {"n":1}\n\n', { end: 'stall' }]), { transport: 'fetch', decode: JSON.parse });
  const message = (await source.messages().next()).value;
  const expected = { type: 'message', data: { n: 1 }, lastEventId: '1', origin: here };
  same([{ ...message }, structuredClone(message)], [expected, expected]);
  source.close();
  const failed = open('/events?status=429');
  const error = await rejection(failed.messages().next());
  same([Object.prototype.toString.call(error), error.name, error.status, error.message], ['[object Error]', 'StatusError', 429, failed.state.cause.message]);
});

test('a listener of every message can be taken back by another, and is not added where its signal is none', async () => {
  const source = new EventSource(await script(['data: 1\n\n', { end: 'stall' }]), { transport: 'fetch' });
  const heard = [];
  for (const signal of [{}, 7, null]) assert(thrown(() => source.onAny(() => heard.push('never'), { signal })) instanceof TypeError);
  let forget;
  source.onAny(() => forget(), null);
  forget = source.onAny(() => heard.push('taken back'));
  source.onAny(() => heard.push('last'));
  await until('it has come', () => heard.length > 0);
  same(heard, ['last']);
  source.close();
});

test('a class may make other sources before its own, but has to pass its options on', async () => {
  class Busy extends EventSource {
    constructor(url, options) {
      new EventSource('/events', { transport: 'fetch' }).close();
      super(url, options);
    }
  }
  const source = Busy.fromResponse(streamed('data: mine\n\n'));
  same(await data(source.messages()), ['mine']);
  class Plain extends EventSource {
    constructor(url) {
      super(url, { transport: 'fetch' });
    }
  }
  assert(thrown(() => Plain.fromResponse(streamed('data: lost\n\n'))) instanceof TypeError);
});
