// Requests whose answers stream: what is asked again, what ends an answer, and what is known of it. Over fetch.

import init, { EventSource } from '../eventsource_wasm.js';

import { answering, broken, closed, complete, data, open, policy, streamed, warnings, all } from './asking.js';
import { assert, connections, here, next, pause, rejection, same, script, test, thrown, token, until } from './harness.js';

await init();

test('nothing is lost before anyone reads', async () => {
  for (const listen of [
    (source, seen) => { source.onmessage = (event) => seen.push(event.data); },
    (source, seen) => { source.onAny((event) => seen.push(event.data)); },
    async (source, seen) => { for await (const message of source.messages()) seen.push(message.data); },
  ]) {
    const key = token();
    const source = open(`/events?interval=0&count=3&data=n&token=${key}&plan=200`, { method: 'POST' });
    const states = [];
    source.onerror = () => states.push('error');
    source.addEventListener('statechange', ({ detail }) => states.push(detail.name));
    await next(source, 'open');
    // All has been sent, and the server has closed.
    await until('the server is done', async () => (await connections(key)).length === 0);
    await pause(30);
    same([states, source.state.name, source.response.status], [['open'], 'open', 200]);
    const seen = [];
    listen(source, seen);
    same([await closed(source), seen], [complete, ['0', '1', '2']]);
  }
});

test('while nobody reads, silence is no loss, and the console says who is waited for', async () => {
  const said = await warnings(async (lines) => {
    const source = open('/events?interval=50ms&data=n', { idleTimeout: 500 });
    await until('it is said', () => lines.length > 0);
    same(source.state.name, 'open');
    same((await source.messages().next()).value.data, '0');
    source.close();
  });
  same(said.length, 1);
  assert(said[0].includes('nobody reads') && said[0].includes('/events'), said[0]);
});

test('a POST that is refused is made again, one that is answered never', async () => {
  const plan = '/events?interval=0&count=2&data=n&plan=429:retry-after=0,503,200:drop=1,200';
  const retried = [];
  let source = open(`${plan}&token=${token()}`, { method: 'POST', reconnect: policy(retried) });
  const seen = [];
  source.onmessage = (event) => seen.push(event.data);
  same(await closed(source), complete);
  same([retried, seen], [[429, 503], ['0']]);
  // By default only where a policy asks for it.
  for (const options of [{}, { reconnect: policy(), resend: false }]) {
    source = open(`${plan}&token=${token()}`, { method: 'POST', ...options });
    const { reason, cause } = await closed(source);
    same([reason, cause.status], ['failure', 429]);
  }
  source = open(`/events?token=${token()}&plan=200:mime=application/json,200`, { method: 'POST', reconnect: policy() });
  same((await closed(source)).cause.name, 'ContentTypeError', 'what was done is not asked for again');
});

test('with resend: true an answer that broke is asked for again, and one that is complete is not', async () => {
  const asked = [];
  const source = open(`/events?interval=0&count=4&data=n&t0=0&token=${token()}&plan=200:drop=2:end=stall,503,200,200`, {
    method: 'POST', resend: true, reconnect: policy(asked),
  });
  const seen = [];
  source.onmessage = async (event) => {
    seen.push(event.data);
    if (seen.length !== 2) return;
    const [{ id }] = await connections(new URL(source.url).searchParams.get('token'));
    await fetch(`${here}/connections/${id}?end=reset`, { method: 'DELETE' });
  };
  same(await closed(source), complete);
  same([asked, seen, source.stats.reconnects], [['DisconnectedError', 503], ['0', '1', '2', '3'], 1]);
});

test('an event ends the source where it is said to, over either transport', async () => {
  const lines = ['data: 1\n\nevent: done\ndata: 2\n\ndata: 3\n\n', { end: 'stall' }];
  for (const transport of ['fetch', 'native']) {
    const source = new EventSource(await script(lines), { transport, endEvent: 'done', reconnect: true });
    const seen = [];
    for (const type of ['message', 'done']) source.addEventListener(type, (event) => seen.push(event.data));
    same([await closed(source), seen], [complete, ['1', '2']], transport);
    const unheard = new EventSource(await script(lines), { transport, endEvent: 'done' });
    same(await data(unheard.messages()), ['1']);
    same(unheard.state, complete);
  }
});

test('the last message may show in its data; one that only marks the end nobody is given', async () => {
  for (const transport of ['fetch', 'native']) {
    const url = () => script(['id: 7\ndata: 1\n\ndata: [DONE]\n\ndata: 3\n\n', { end: 'stall' }]);
    const looked = [];
    const source = new EventSource(await url(), {
      transport,
      endEvent: (message) => {
        looked.push([message.type, message.lastEventId, message.origin]);
        return message.data === '[DONE]';
      },
    });
    same(await data(source.messages()), ['1', '[DONE]']);
    same([source.state, looked], [complete, [['message', '7', here], ['message', '7', here]]], transport);
    const marked = new EventSource(await url(), { transport, endData: '[DONE]' });
    const heard = [];
    marked.onmessage = (event) => heard.push(event.data);
    same([await data(marked.messages()), marked.state, heard], [['1'], complete, ['1']], transport);
  }
});

test('an answer that ends without its mark has broken off', async () => {
  const url = await script(['data: 1\n\n']);
  const source = new EventSource(url, { transport: 'fetch', method: 'POST', endEvent: 'done' });
  const messages = source.messages();
  same((await messages.next()).value.data, '1');
  same((await rejection(messages.next())).name, 'DisconnectedError');
  const asked = [];
  const again = open(`/events?interval=0&count=2&data=n&t0=0&token=${token()}&plan=200:drop=1,200`, {
    method: 'POST', resend: true, reconnect: policy(asked), endData: '1',
  });
  same([await data(again.messages()), again.state, asked], [['0'], complete, ['DisconnectedError']]);
});

test('what a predicate throws is reported, and ends nothing', async () => {
  const source = new EventSource(await script(['data: 1\n\ndata: 2\n\n']), {
    transport: 'fetch', method: 'POST', endEvent: () => { throw new Error('the predicate of a test'); },
  });
  const reported = [];
  const note = (event) => {
    if (!event.message.includes('the predicate of a test')) return;
    event.preventDefault();
    reported.push(1);
  };
  addEventListener('error', note);
  source.onmessage = () => {};
  await next(source, 'error');
  removeEventListener('error', note);
  same([reported.length, source.stats.messages, source.state.cause.name], [2, 2, 'DisconnectedError']);
});

test('an answer that broke is gone on with by another request', async () => {
  const [give, asked] = answering(broken('id: 1\ndata: a\n\n'), 503, broken('id: 2\ndata: b\n\n'), streamed('id: 3\ndata: c\n\n'), streamed('data: never\n\n'));
  const contexts = [];
  const source = open('/chat', {
    method: 'POST', body: 'a question', headers: { 'X-Auth': 'me', 'Content-Type': 'text/plain' }, fetch: give, reconnect: policy(),
    resume: ({ lastEventId, response: { status, headers } }) => {
      contexts.push([lastEventId, status, headers.get('x-session')]);
      return contexts.length < 3 ? '/chat/7/stream' : { headers: { 'X-Auth': 'more' }, method: 'PUT', body: 'on' };
    },
  });
  same([await data(source.messages()), source.state], [['a', 'b', 'c'], complete]);
  same(asked, [
    ['POST', '/chat', undefined, 'me', 'text/plain', 'a question'],
    ['GET', '/chat/7/stream', '1', 'me', undefined, undefined],
    ['GET', '/chat/7/stream', '1', 'me', undefined, undefined],
    ['PUT', '/chat', '2', 'more', undefined, 'on'],
  ]);
  same(contexts, [['1', 200, '5'], ['1', 200, '5'], ['2', 200, '5']]);
});

test('where there is nothing to resume, the answer is complete, or the source fails', async () => {
  const resumed = (resume, ...more) => {
    const [give, asked] = answering(broken('id: 1\ndata: a\n\n'), ...more);
    const source = open('/chat', { method: 'POST', fetch: give, reconnect: policy(), resume });
    source.onmessage = () => {};
    return { source, asked };
  };
  same(await closed(resumed(() => '/chat/7', 204).source), complete);
  const none = resumed(() => null);
  const { cause } = await closed(none.source);
  same([cause.name, none.asked.length], ['ResumeError', 1]);
  let calls = 0;
  const failing = resumed(() => {
    calls += 1;
    if (calls === 1) throw new Error('not yet');
    return calls === 2 ? 7 : '/chat/7';
  }, streamed('data: b\n\n'));
  same([await closed(failing.source), calls, failing.asked.length], [complete, 3, 2]);
  // Before it has begun there is nothing to resume.
  const [give, asked] = answering(503, broken('data: a\n\n'), 204);
  const source = open('/chat', { method: 'POST', fetch: give, reconnect: policy(), resume: () => '/on' });
  source.onmessage = () => {};
  same([await closed(source), asked.map(([method, url]) => `${method} ${url}`)], [complete, ['POST /chat', 'POST /chat', 'GET /on']]);
});

test('an answer of an earlier visit is gone on with at once, and one of a source that is opened again', async () => {
  const [give, asked] = answering(streamed('id: 8\ndata: b\n\n'), 503, 503, streamed('id: 9\ndata: c\n\n'));
  const source = open('/chat', { method: 'POST', lastEventId: '7', fetch: give, resume: ({ response }) => { same(response, null); return '/chat/on'; } });
  source.onmessage = () => {};
  same(await closed(source), complete);
  source.reopen();
  same((await closed(source)).cause.status, 503);
  source.reopen();
  same((await closed(source)).cause.status, 503);
  source.reopen();
  same([await data(source.messages()), source.lastEventId], [['c'], '9']);
  same(asked.map(([method, url, id]) => [method, url, id]), ['7', '8', '8', '8'].map((id) => ['GET', '/chat/on', id]));
});

test('a place in the data is where a new connection goes on', async () => {
  const key = token();
  const asked = [];
  const source = new EventSource(`${here}/events?token=${key}`, {
    transport: 'fetch',
    reconnect: policy(),
    lastEventIdParam: null,
    position: ({ data: text }) => JSON.parse(text).at,
    urlProvider: ({ lastEventId }) => {
      asked.push(lastEventId);
      const messages = `data: {"at":${asked.length * 10}}\n\nid: 99\ndata: {"at":"${asked.length * 10 + 1}"}\n\n`;
      return script([messages]);
    },
  });
  const ids = [];
  source.onmessage = ({ lastEventId }) => {
    ids.push(lastEventId);
    if (ids.length === 4) source.close();
  };
  await closed(source);
  same([asked, ids, source.lastEventId], [['', '11'], ['10', '11', '20', '21'], '21']);
});

test('a stream\'s end waits for its messages: if a listener of the last one closes the source, nothing is asked for again', async () => {
  const busy = () => {
    const began = performance.now();
    while (performance.now() - began < 2);
  };
  const body = `${Array.from({ length: 100 }, (_, n) => `data: ${n}\n\n`).join('')}data: [DONE]\n\n`;
  for (const answer of [() => streamed(body), () => broken(body)]) {
    const [fetch, asked] = answering(answer(), answer());
    const source = open('/chat', { method: 'POST', body: '{}', fetch, reconnect: policy(), resend: true });
    const readyStates = new Set();
    const states = [];
    source.addEventListener('statechange', ({ detail }) => states.push(detail.name));
    source.onmessage = (event) => {
      readyStates.add(source.readyState);
      busy();
      if (event.data === '[DONE]') source.close();
    };
    await closed(source);
    same([asked.length, states, [...readyStates]], [1, ['open', 'closed'], [EventSource.OPEN]]);
  }
});

test('a stream\'s end does not wait for an iterator that is not read', async () => {
  const [fetch, asked] = answering(streamed('data: 1\n\ndata: 2\n\ndata: 3\n\n'), 204);
  const source = open('/chat', { fetch, reconnect: policy() });
  const messages = source.messages('message', { capacity: 3 });
  await until('it has asked again', () => asked.length === 2);
  for (const text of ['1', '2', '3']) same((await messages.next()).value.data, text);
});

test('a place in the data is the message\'s id, over either transport', async () => {
  const lines = ['id: own\ndata: {"at":"p1"}\n\ndata: {}\n\ndata: {"at":7}\n\n', { end: 'stall' }];
  for (const transport of ['native', 'fetch']) {
    const source = new EventSource(await script(lines), { transport, position: ({ data: text }) => JSON.parse(text).at });
    const heard = [];
    source.onmessage = ({ lastEventId }) => heard.push(lastEventId);
    const messages = source.messages();
    const ids = [];
    for (let n = 0; n < 3; n += 1) ids.push((await messages.next()).value.lastEventId);
    same([ids, heard, source.lastEventId], [['p1', 'p1', '7'], ['p1', 'p1', '7'], '7'], transport);
    source.close();
  }
});

test('every type can be read', async () => {
  const url = () => script(['data: 1\n\nevent: a\ndata: 2\n\nevent: error\ndata: 3\n\n', { end: 'stall' }]);
  const source = new EventSource(await url(), { transport: 'fetch' });
  const messages = source.messages({ all: true, batch: 10 });
  const seen = [];
  while (seen.length < 3) seen.push(...(await messages.next()).value.map(({ type, data: text }) => `${type} ${text}`));
  same(seen, ['message 1', 'a 2', 'error 3']);
  source.close();
  const heard = [];
  const other = new EventSource(await url(), { transport: 'fetch' });
  other.addEventListener('a', ({ type }) => heard.push(`its listener ${type}`));
  const controller = new AbortController();
  const forget = other.onAny((event) => heard.push(`any ${event.type} ${event.data} ${event instanceof MessageEvent} ${event.target === other}`));
  other.onAny({ handleEvent: () => heard.push('once') }, { signal: controller.signal });
  other.onAny(() => controller.abort());
  await until('all have come', () => other.stats.messages === 3 && heard.length >= 5);
  same(heard, ['any message 1 true true', 'once', 'its listener a', 'any a 2 true true', 'any error 3 true true']);
  forget();
  other.close();
});

test('types that no event has are refused, and a star is warned of', async () => {
  const source = open('/events?interval=1s');
  for (const types of [[], '', ['a', ''], 7, null]) assert(thrown(() => source.messages(types)) instanceof TypeError, `${types}`);
  assert(thrown(() => source.messages('a', { all: true })) instanceof TypeError);
  assert(thrown(() => source.messages({ all: 1 })) instanceof TypeError);
  assert(thrown(() => source.onAny('no function')) instanceof TypeError);
  source.close();
  const said = await warnings(() => {
    source.messages('*');
    source.addEventListener('*', () => {});
  });
  same([said.length, said.every((text) => text.includes('messages({ all: true })') && text.includes('onAny'))], [2, true]);
  const native = new EventSource(`${here}/events?interval=1s`);
  for (const call of [() => native.messages({ all: true }), () => native.onAny(() => {})]) {
    const error = thrown(call);
    assert(error instanceof TypeError && error.message.includes('transport: \'fetch\''), `${error}`);
  }
  native.close();
});

test('a response that the page has asked for itself is read', async () => {
  const url = `${here}/events?interval=0&count=2&data=n`;
  const source = EventSource.fromResponse(await fetch(url));
  same([source instanceof EventSource, source.url, source.withCredentials], [true, url, false]);
  same(await data(source.messages()), ['0', '1']);
  same([source.state, source.response.status, source.response.url], [complete, 200, url]);
  class Mine extends EventSource {}
  const made = Mine.fromResponse(new Response('data: é\n\n', { headers: { 'content-type': 'text/event-stream', 'x-mine': '1' } }), { endEvent: 'never' });
  const messages = made.messages();
  same((await messages.next()).value.data, 'é');
  same([made instanceof Mine, made.response.headers.get('x-mine')], [true, '1']);
  same((await rejection(messages.next())).name, 'DisconnectedError');
  const refused = EventSource.fromResponse(await fetch(`${here}/events?status=503`));
  same((await closed(refused)).cause.status, 503);
});

test('what is no response that can be read is refused', async () => {
  const used = new Response('data: 1\n\n');
  await used.text();
  const locked = new Response('data: 1\n\n');
  locked.body.getReader();
  for (const given of [undefined, {}, '/events', used, locked]) assert(thrown(() => EventSource.fromResponse(given)) instanceof TypeError);
  const late = new Response(new ReadableStream({ cancel() { late.cancelled = true; } }), { headers: { 'content-type': 'text/event-stream' } });
  EventSource.fromResponse(late, { signal: AbortSignal.abort() });
  await until('it is let go', () => late.cancelled);
});

test('a function in the place of fetch is used as it is given', async () => {
  const asked = [];
  const source = open('/echo?seed=1', {
    method: 'POST', body: 'b', headers: { 'X-One': '1' }, lastEventId: '7', credentials: 'omit',
    async fetch(url, request) {
      asked.push([this, url, request.method, request.headers, request.body, request.credentials, request.signal.aborted]);
      return fetch(url, { ...request, headers: { ...request.headers, Authorization: 'Bearer me' } });
    },
  });
  const { data: text } = (await source.messages().next()).value;
  source.close();
  same(JSON.parse(text).headers.authorization, 'Bearer me');
  same(asked, [[undefined, `${here}/echo?seed=1`, 'POST', { accept: 'text/event-stream', 'last-event-id': '7', 'x-one': '1' }, 'b', 'omit', false]]);
});

test('what a function in the place of fetch gives is looked at', async () => {
  const made = open('/events', { fetch: () => new Response('data: made\n\n', { headers: { 'content-type': 'text/event-stream' } }) });
  same((await made.messages().next()).value.data, 'made');
  made.close();
  for (const given of [undefined, {}, 'text']) {
    const { cause } = await closed(open('/events', { fetch: () => given, reconnect: policy() }));
    same([cause.name, cause.message.includes('returned no Response')], ['UnsupportedError', true]);
  }
  const asked = [];
  let n = 0;
  const failing = open('/events', {
    reconnect: policy(asked),
    fetch: () => {
      n += 1;
      if (n === 1) throw new TypeError('as a network that is down');
      if (n === 2) throw new Error('logged out');
      return Promise.reject(new DOMException('too slow', 'TimeoutError'));
    },
  });
  await until('it was asked', () => asked.length > 2);
  failing.close();
  same(asked.slice(0, 3), ['DisconnectedError', 'FetchError', 'FetchError']);
});

test('data is decoded when it is read', async () => {
  const lines = ['data: {"n":1}\n\ndata: no json\n\ndata: {"n":3}\n\n', { end: 'stall' }];
  for (const transport of ['native', 'fetch']) {
    const source = new EventSource(await script(lines), { transport, decode: JSON.parse });
    const [iterated, heard] = [[], []];
    const read = (into) => (message) => {
      try {
        into.push(message.data.n);
      } catch (error) {
        into.push(error.name);
      }
    };
    source.addEventListener('message', read(heard));
    const messages = source.messages();
    for (let n = 0; n < 3; n += 1) read(iterated)((await messages.next()).value);
    same([iterated, heard], [[1, 'SyntaxError', 3], [1, 'SyntaxError', 3]], transport);
    source.close();
    const alone = new EventSource(await script(lines), { transport, decode: JSON.parse });
    const first = (await alone.messages().next()).value;
    same([first.data, first.data === first.data, first.type], [{ n: 1 }, true, 'message']);
    alone.close();
  }
});

test('an iterator gives parsed data', async () => {
  const source = new EventSource(await script(['data: {"n":1}\n\ndata: [2]\n\ndata: oh\n\n', { end: 'stall' }]), { transport: 'fetch' });
  const parsed = source.messages().json();
  same([(await parsed.next()).value, (await parsed.next()).value], [{ n: 1 }, [2]]);
  const error = await rejection(parsed.next());
  same([error instanceof SyntaxError, error.message.includes('oh'), error.message.includes('endData')], [true, true, true]);
  same([await parsed.next(), source.readyState], [{ value: undefined, done: true }, 1]);
  source.close();
  const batched = new EventSource(await script(['data: 1\n\ndata: 2\n\n']), { transport: 'fetch', method: 'POST' });
  same(await all(batched.messages('message', { batch: 9 }).json()), [[1, 2]]);
});

test('a source gives parsed data too, and is closed by who leaves it', async () => {
  const source = new EventSource(await script(['data: {"n":1}\n\ndata: {"n":2}\n\n', { end: 'stall' }]), { transport: 'fetch' });
  for await (const value of source.json()) {
    same(value, { n: 1 });
    break;
  }
  same(source.state.reason, 'close');
});

test('a source that is closed can be opened again, and goes on', async () => {
  for (const options of [undefined, { reconnect: true }, { transport: 'fetch' }]) {
    const source = new EventSource(`${here}/events?interval=20ms&t0=0&data=n`, options);
    void source.lastEventId;
    const seen = [];
    const states = [];
    source.onmessage = ({ data: text }) => seen.push(Number(text));
    source.addEventListener('statechange', ({ detail }) => states.push(detail.name));
    source.reopen();
    await until('there are two', () => seen.length >= 2);
    source.close();
    const old = source.messages();
    const { length } = seen;
    source.reopen();
    same([source.readyState, source.state.name, await old.next()], [0, 'connecting', { value: undefined, done: true }]);
    const messages = source.messages();
    await messages.next();
    same(seen.slice(length, length + 1), [length], JSON.stringify(options));
    same(states, ['open', 'closed', 'connecting', 'open']);
    source.close();
  }
  const signal = AbortSignal.abort('enough');
  const aborted = new EventSource('/events', { signal });
  same(thrown(() => aborted.reopen()), 'enough');
});

test('what an answer says that is no stream is in the error', async () => {
  const refusing = (body, init_) => closed(open('/events', { fetch: () => new Response(body, init_) }));
  const json = { status: 200, headers: { 'content-type': 'application/json', 'x-request-id': '7' } };
  let { cause } = await refusing('{"error":"no stream: true"}', json);
  same([cause.name, cause.status, cause.headers['x-request-id'], cause.body, cause.bodyTruncated], ['ContentTypeError', 200, '7', '{"error":"no stream: true"}', false]);
  assert(cause.message.includes('no stream: true'), cause.message);
  ({ cause } = await refusing('x'.repeat(16384), { status: 400 }));
  same([cause.name, cause.body.length, cause.bodyTruncated], ['StatusError', 16384, false]);
  ({ cause } = await refusing('x'.repeat(16385), { status: 400 }));
  same([cause.body.length, cause.bodyTruncated], [16384, true]);
  const endless = new ReadableStream({ start(controller) { controller.enqueue(new TextEncoder().encode('a part')); } });
  ({ cause } = await refusing(endless, { status: 400 }));
  same([cause.body, cause.bodyTruncated], ['a part', true]);
});

test('a cause can be posted whole', async () => {
  const { cause, name } = await closed(open('/events?status=429&retry-after=3'));
  same([cause instanceof Error, `${cause}`.startsWith('StatusError: ')], [true, true]);
  const posted = structuredClone({ name, cause });
  same([posted.cause.name, posted.cause.status, posted.cause.retryAfter, posted.cause.message === cause.message, posted.cause.body === cause.body],
    ['StatusError', 429, 3000, true, true]);
  const native = await closed(new EventSource(`${here}/events?status=404`));
  same(structuredClone(native).cause.name, 'ConnectionFailedError');
});

test('addresses are resolved at a base', async () => {
  const source = new EventSource('events?interval=1s', { base: `${here}/elsewhere/` });
  same(source.url, `${here}/elsewhere/events?interval=1s`);
  source.close();
  const asked = [];
  const provided = new EventSource('a', {
    transport: 'fetch', base: 'https://example.com/b/', urlProvider: () => 'c', fetch: (url) => { asked.push(url); throw new Error('enough'); },
  });
  await closed(provided);
  same([provided.url, asked], ['https://example.com/b/a', ['https://example.com/b/c']]);
  assert(thrown(() => new EventSource('a', { base: 'no url' })) instanceof TypeError);
});
