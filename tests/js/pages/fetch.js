// What the class can do over fetch alone. What it has in common with the browser's own object, the table shows.

import init, { EventSource, listMessages } from '../eventsource_wasm.js';

import { assert, connections, engine, here, next, pause, rejection, same, script, test, token, until } from './harness.js';

await init();

const open = (path, options) => new EventSource(`${here}${path}`, { transport: 'fetch', ...options });

/** What /echo says of the request. */
async function echoed(options) {
  const source = open('/echo', options);
  const { data } = await next(source, 'message');
  source.close();
  return JSON.parse(data);
}

/** How a source ends. */
function end(source) {
  return new Promise((resolve) => {
    source.addEventListener('statechange', ({ detail }) => { if (detail.name === 'closed') resolve(detail.cause); });
  });
}

test('the request is as it is asked for', async () => {
  const plain = await echoed({});
  same([plain.method, plain.headers.accept], ['GET', 'text/event-stream']);
  const asked = await echoed({ method: 'POST', headers: { 'X-One': '1' }, body: 'a question', referrerPolicy: 'no-referrer', cache: 'default', credentials: 'omit', redirect: 'error' });
  same([asked.method, asked.headers['x-one'], asked.body, asked.headers.referer], ['POST', '1', 'a question', undefined]);
  const continued = await echoed({ lastEventId: 'é€' });
  // WebKitGTK takes what fetch is given as a header's bytes for letters, and sends those in UTF-8.
  const sent = engine === 'Safari' ? String.fromCharCode(...new TextEncoder().encode('é€')) : 'é€';
  same([continued.headers['last-event-id'], continued.url], [sent, '/echo']);
  same((await echoed({ lastEventId: '7', lastEventIdParam: 'lastEventId' })).url, '/echo?lastEventId=7');
});

test('headers are asked for afresh, and renewed once after 401', async () => {
  const asked = [];
  const headers = async ({ rejected }) => {
    asked.push(rejected);
    return { 'X-Token': `${asked.length}` };
  };
  const source = open(`/events?interval=0&data=n&token=${token()}&plan=401,200`, { headers });
  same((await next(source, 'message')).data, '0');
  source.close();
  same(asked, [false, true]);
  const failing = open('/events', { headers: () => { throw new Error('logged out'); } });
  const error = await end(failing);
  same(error.name, 'HeadersProviderError');
  assert(error.message.includes('logged out'), error.message);
});

test('an error says what the server answered', async () => {
  const error = await end(open('/events?status=429&retry-after=3'));
  same([error.name, error.status, error.retryAfter], ['StatusError', 429, 3000]);
  assert(error.body.startsWith('429 Too Many Requests') && error.headers['content-type'].startsWith('text/plain'), error.body);
  same((await end(open('/events?mime=text/html'))).name, 'ContentTypeError');
  same((await end(open('/events?status=204'))).name, 'StoppedError');
  const large = open('/events?size=5000', { maxMessageSize: 1000 });
  large.onmessage = () => {};
  same((await end(large)).name, 'TooLargeError');
});

test('a policy hears what the server asks for', async () => {
  const heard = [];
  const source = open(`/events?interval=0&token=${token()}&plan=503:retry-after=2,200`, {
    reconnect: ({ retryAfter, cause }) => {
      heard.push([retryAfter, cause.status]);
      return 1;
    },
  });
  await next(source, 'message');
  source.close();
  same(heard, [[2000, 503]]);
});

test('a POST is made once, and its end is no error', async () => {
  const source = open('/events?interval=0&count=3', { method: 'POST', reconnect: true });
  const seen = [];
  for await (const { data } of source) seen.push(data);
  same([seen.length, source.readyState, source.state], [3, 2, { name: 'closed', reason: 'complete', cause: null }]);
});

test('after each of many messages in a chunk microtasks run to their end', async () => {
  const source = open(`${new URL(await script([Array.from({ length: 300 }, (_, n) => `data: ${n}\n\n`).join(''), { end: 'stall' }])).pathname}`);
  for (let n = 0; n < 300; n += 1) {
    // Several turns of microtasks lie between two of these listeners.
    const { data } = await (async () => (async () => next(source, 'message'))())();
    same(data, `${n}`);
  }
  source.close();
});

test('an iterator that is not read makes the server wait, and nothing is lost', async () => {
  const mark = token();
  const source = open(`/events?interval=0&data=n&count=20000&size=200&token=${mark}&plan=200`);
  const messages = source.messages('message', { capacity: 10 });
  same((await messages.next()).value.data.startsWith('0'), true);
  let [taken, calm] = [0, 0];
  await until('nothing more is taken in', () => {
    calm = source.stats.messages === taken ? calm + 1 : 0;
    taken = source.stats.messages;
    return calm === 20;
  });
  assert(taken < 3000, `${taken} have been taken in`);
  let expected = 1;
  for await (const { data } of messages) {
    same(Number.parseInt(data, 10), expected);
    expected += 1;
    if (expected === 5000) break;
  }
  source.close();
  same(messages.dropped, 0);
  await until('the server sends no more', async () => (await connections(mark)).length === 0);
});

const five = async () => new URL(await script(['data: 1\n\ndata: 2\n\ndata: 3\n\ndata: 4\n\ndata: 5\n\n', { end: 'stall' }])).pathname;

test('an iterator holds as many messages as its capacity says', async () => {
  for (const capacity of [1, 2]) {
    const source = open(await five());
    const messages = source.messages('message', { capacity });
    let [heard, taken] = [0, 0];
    source.onmessage = () => { heard += 1; };
    while (taken < 5) {
      await until('it is full, or all have come', () => heard === Math.min(taken + capacity, 5));
      // More would come by now.
      for (let n = 0; n < 10; n += 1) await pause(0);
      same([heard, source.stats.messages], [Math.min(taken + capacity, 5), heard]);
      taken += 1;
      same((await messages.next()).value.data, `${taken}`);
    }
    source.close();
  }
});

test('states do not wait behind messages that nobody takes', async () => {
  const source = open(await five());
  source.messages('message', { capacity: 1 });
  await until('it is full', () => source.stats.messages === 1);
  const seen = [];
  source.addEventListener('statechange', ({ detail }) => seen.push(detail.name));
  source.reconnect();
  same(seen, ['connecting']);
  source.close();
  same(seen, ['connecting', 'closed']);
});

test('close() ends an iterator that is full, and what it holds is still read', async () => {
  const source = open(await five());
  const messages = source.messages('message', { capacity: 2 });
  await until('it is full', () => source.stats.messages === 2);
  const closed = end(source);
  source.close();
  same(await closed, null);
  const seen = [];
  for await (const { data } of messages) seen.push(data);
  same([seen, messages.dropped], [['1', '2'], 0]);
});

test('an iterator that nobody reads holds the others up for seconds only', async () => {
  const warnings = [];
  const { warn } = console;
  console.warn = (text) => warnings.push(text);
  try {
    const source = open(await five());
    const heard = [];
    source.onmessage = ({ data }) => heard.push(data);
    const forgotten = source.messages('message', { capacity: 2 });
    await until('the listener has heard all', () => heard.length === 5);
    same([warnings.length, forgotten.dropped, source.stats.dropped], [1, 3, 3]);
    assert(/taken nothing for seconds.*the others continue without it/.test(warnings[0]), warnings[0]);
    same([(await forgotten.next()).value.data, (await forgotten.next()).value.data], ['4', '5']);
    source.close();
  } finally {
    console.warn = warn;
  }
});

test('an iterator alone is waited for, however long', async () => {
  const warnings = [];
  const { warn } = console;
  console.warn = (text) => warnings.push(text);
  try {
    const source = open(await five());
    const messages = source.messages('message', { capacity: 2 });
    await until('the page is told', () => warnings.length === 1);
    assert(/taken nothing for seconds.*the server has to wait/.test(warnings[0]), warnings[0]);
    const seen = [];
    for await (const { data } of messages) if (seen.push(data) === 5) break;
    same([seen, messages.dropped], [['1', '2', '3', '4', '5'], 0]);
    source.close();
  } finally {
    console.warn = warn;
  }
});

test('an iterator that held the stream together with a forgotten one goes on when it is read', async () => {
  const warnings = [];
  const { warn } = console;
  console.warn = (text) => warnings.push(text);
  try {
    const source = open(await five());
    const forgotten = source.messages('message', { capacity: 2 });
    const slow = source.messages('message', { capacity: 2 });
    await until('the page is told that both hold it', () => warnings.length === 1);
    const seen = [];
    for await (const { data } of slow) if (seen.push(data) === 5) break;
    same([seen, slow.dropped, forgotten.dropped], [['1', '2', '3', '4', '5'], 0, 3]);
    source.close();
  } finally {
    console.warn = warn;
  }
});

test('a list shows what comes over fetch', async () => {
  const list = document.createElement('ul');
  document.body.append(list);
  const shown = listMessages(list, `${here}/events?interval=0&data=n&count=5000`, { transport: 'fetch', method: 'POST', maxLines: 10 });
  await until('the newest line is there', () => list.lastElementChild?.textContent === 'message: 4999');
  await until('the response has ended', () => shown.state.name === 'closed');
  same([list.childElementCount, shown.state.reason], [10, 'complete']);
  list.remove();
});

test('closed by a handler, it has the id of what was dispatched', async () => {
  const source = new EventSource(await script([Array.from({ length: 50 }, (_, n) => `id: ${n + 1}\ndata: x\n\n`).join(''), { end: 'stall' }]), { transport: 'fetch' });
  const seen = [];
  source.onmessage = ({ lastEventId }) => {
    seen.push(lastEventId, source.lastEventId);
    source.close();
    seen.push(source.lastEventId);
  };
  await until('it is closed', () => source.readyState === 2);
  await pause(50);
  same([...seen, source.lastEventId], ['1', '1', '1', '1']);
});

test('closing by a signal and by hand ends the request', async () => {
  for (const by of ['signal', 'hand']) {
    const mark = token();
    const controller = new AbortController();
    const source = open(`/events?interval=20ms&token=${mark}&plan=200`, { signal: controller.signal });
    await next(source, 'message');
    if (by === 'signal') controller.abort();
    else source.close();
    same(source.readyState, 2);
    await until('the server sends no more', async () => (await connections(mark)).length === 0);
    same(await rejection(Promise.race([next(source, 'message'), Promise.reject(new Error('nothing'))])).then(({ message }) => message), 'nothing');
  }
});

test('leaving the page is no error of its sources', async () => {
  for (let n = 0; n < 3; n += 1) {
    const frame = document.createElement('iframe');
    frame.src = 'leaving.html';
    const told = [];
    const hear = ({ data, source }) => { if (source === frame.contentWindow) told.push(data); };
    addEventListener('message', hear);
    document.body.append(frame);
    await until('the source in the frame is open', () => told.includes('open'));
    const elsewhere = next(frame, 'load');
    frame.contentWindow.location.href = '/help';
    await elsewhere;
    await pause(0);
    same(told, ['open']);
    removeEventListener('message', hear);
    frame.remove();
  }
});
