// Sources as async iterators.

import init, { EventSource } from '../eventsource_wasm.js';

import { assert, connections, here, next, pause, rejection, same, script, test, thrown, token, until } from './harness.js';

await init();

const numbered = (count, rest = [{ end: 'stall' }]) => script([Array.from({ length: count }, (_, n) => `data: ${n}\n\n`).join(''), ...rest]);

test('for await reads, and leaving it closes the source', async () => {
  const source = new EventSource(await numbered(5));
  const seen = [];
  for await (const message of source) {
    assert(message instanceof MessageEvent && message.target === source);
    seen.push(message.data);
    if (seen.length === 3) break;
  }
  same([seen, source.readyState], [['0', '1', '2'], 2]);
});

test('messages() gives one type, and leaving it leaves the source open', async () => {
  const mark = token();
  const source = new EventSource(`${here}/events?event=a,b,&interval=20ms&token=${mark}`);
  for await (const message of source.messages('a')) {
    same(message.type, 'a');
    break;
  }
  const seen = [];
  for await (const { type } of source.messages(['b', 'message'])) {
    if (seen.push(type) === 4) break;
  }
  same([[...new Set(seen)].sort(), source.readyState], [['b', 'message'], 1]);
  same((await connections(mark)).length, 1);
  source.close();
});

test('each iterator gets every message', async () => {
  const source = new EventSource(await numbered(3));
  const read = async () => {
    const seen = [];
    for await (const { data } of source.messages()) if (seen.push(data) === 3) return seen;
    return seen;
  };
  same(await Promise.all([read(), read()]), [['0', '1', '2'], ['0', '1', '2']]);
  source.close();
});

test('close() ends it after what had arrived', async () => {
  const source = new EventSource(await numbered(3));
  const messages = source.messages();
  const seen = [];
  source.onmessage = ({ data }) => { if (data === '2') source.close(); };
  await pause(0);
  for await (const { data } of messages) seen.push(data);
  same(seen, ['0', '1', '2']);
  same(await messages.next(), { value: undefined, done: true });
});

test('close() ends it for whoever waits', async () => {
  const source = new EventSource(await script([{ end: 'stall' }]));
  const messages = source.messages();
  const waiting = [messages.next(), messages.next()];
  source.close();
  same(await Promise.all(waiting), [{ done: true }, { done: true }].map(({ done }) => ({ value: undefined, done })));
  same(await source.messages().next(), { value: undefined, done: true });
});

test('a source that gives up rejects once, then it is over', async () => {
  const source = new EventSource(`${here}/events?status=503`);
  const messages = source.messages();
  const error = await rejection(messages.next());
  same([error.name, error instanceof Error], ['ConnectionFailedError', true]);
  same(await messages.next(), { value: undefined, done: true });
  const late = source.messages();
  same((await rejection(late.next())).name, 'ConnectionFailedError');
  same(await late.next(), { value: undefined, done: true });
  const caught = await rejection((async () => { for await (const message of source) assert(false, message); })());
  same(caught.name, 'ConnectionFailedError');
});

test('what had arrived comes before the error', async () => {
  const source = new EventSource(`${here}/events?t0=0&data=n&interval=0&retry=1&token=${token()}&plan=200:drop=2,503`);
  const messages = source.messages();
  await until('it is over', () => source.readyState === 2);
  same([(await messages.next()).value.data, (await messages.next()).value.data], ['0', '1']);
  same((await rejection(messages.next())).name, 'ConnectionFailedError');
});

test('several may wait at once, in order', async () => {
  const source = new EventSource(await numbered(3));
  const messages = source.messages();
  const results = await Promise.all([messages.next(), messages.next(), messages.next()]);
  same(results.map(({ value }) => value.data), ['0', '1', '2']);
  source.close();
});

test('return() lets go of whoever waits', async () => {
  const source = new EventSource(await script([{ end: 'stall' }]));
  const messages = source.messages();
  const waiting = messages.next();
  same(await messages.return(), { value: undefined, done: true });
  same(await waiting, { value: undefined, done: true });
  same(await messages.next(), { value: undefined, done: true });
  same([source.readyState < 2, messages[Symbol.asyncIterator]() === messages], [true, true]);
  source.close();
});

test('a full queue drops its oldest, and counts', async () => {
  const source = new EventSource(await numbered(10));
  const messages = source.messages('message', { capacity: 3, overflow: 'drop-oldest' });
  let count = 0;
  source.onmessage = () => { count += 1; };
  await until('all have come', () => count === 10);
  same([messages.dropped, source.stats.dropped], [7, 7]);
  same((await messages.next()).value.data, '7');
  await messages.return();
  same(source.stats.dropped, 7);
  source.close();
  await pause(10);
  same(source.stats.dropped, 7);
});

test('batches are what waits, up to their size', async () => {
  const source = new EventSource(await numbered(10));
  const batches = source.messages('message', { batch: 4 });
  let count = 0;
  source.onmessage = () => { count += 1; };
  await until('all have come', () => count === 10);
  const sizes = [];
  for (let n = 0; n < 3; n += 1) sizes.push((await batches.next()).value.map(({ data }) => data));
  same(sizes, [['0', '1', '2', '3'], ['4', '5', '6', '7'], ['8', '9']]);
  source.close();
});

test('wrong arguments are refused with the name and the rule', async () => {
  const source = new EventSource('/events');
  const calls = [
    [() => source.messages(5), 'the types must be one, such as \'message\', or a list of them, not 5'],
    [() => source.messages(null), 'not null'],
    [() => source.messages('a', 5), 'options must be an object'],
    [() => source.messages('a', { capacity: 0 }), 'capacity must be a whole number from 1'],
    [() => source.messages('a', { batch: 1.5 }), 'batch must be a whole number from 1'],
    [() => source.messages('a', { overflow: 'drop' }), 'overflow must be \'drop-oldest\' or \'wait\''],
    [() => source.messages('a', { overflow: 'wait' }), 'overflow: \'wait\' needs transport: \'fetch\''],
  ];
  for (const [call, text] of calls) {
    const error = thrown(call);
    assert(error instanceof TypeError && error.message.startsWith('messages: ') && error.message.includes(text), String(error));
  }
  source.close();
});

test('await using ends it', async () => {
  if (Symbol.asyncDispose === undefined) return;
  const source = new EventSource('/events');
  const own = source[Symbol.asyncIterator]();
  await own[Symbol.asyncDispose]();
  same(source.readyState, 2);
});

test('a loop over 5,000 messages at once misses none', async () => {
  const source = new EventSource(await numbered(5000));
  let expected = 0;
  for await (const { data } of source.messages('message', { capacity: 1 })) {
    same(data, String(expected));
    expected += 1;
    if (expected === 5000) break;
  }
  source.close();
});

const withIds = (count) => script([Array.from({ length: count }, (_, n) => `id: ${n + 1}\ndata: ${n + 1}\n\n`).join(''), { end: 'stall' }]);

for (const transport of ['native', 'fetch']) {
  test(`lastEventId is that of what the slowest iterator has taken, over ${transport}`, async () => {
    const source = new EventSource(await withIds(6), { transport, lastEventId: 'before', lastEventIdParam: null });
    const [one, pairs] = [source.messages(), source.messages('message', { batch: 2 })];
    same(source.lastEventId, 'before');
    await until('all have arrived', () => source.stats.messages === 6);
    const seen = [source.lastEventId];
    for (const iterator of [one, pairs, one, one, pairs, one]) {
      await iterator.next();
      seen.push(source.lastEventId);
    }
    same(seen, ['before', 'before', '1', '2', '2', '3', '4']);
    const fresh = source.messages();
    same(source.lastEventId, '4', 'one that has been given nothing is not behind');
    await one.return();
    same(source.lastEventId, '4', 'the pairs are at 4 too');
    source.close();
    same(source.lastEventId, '4', 'what waits can still be read');
    await pairs.next();
    same([source.lastEventId, (await pairs.next()).done, (await fresh.next()).done], ['6', true, true]);
  });
}

test('with an iterator that is always waited for, lastEventId is that of the newest message', async () => {
  const source = new EventSource(await withIds(3));
  const seen = [];
  for await (const { data } of source.messages()) if (seen.push([data, source.lastEventId]) === 3) break;
  same(seen, [['1', '1'], ['2', '2'], ['3', '3']]);
  source.close();
});

for (const transport of ['native', 'fetch']) {
  test(`what only iterators take is no event, until someone listens, over ${transport}`, async () => {
    const source = new EventSource(await script([{ pause: '50ms' }, 'data: a\n\n', { end: 'stall' }]), { transport, reconnect: true });
    const heard = [];
    // This one nobody can know of.
    globalThis.EventTarget.prototype.addEventListener.call(source, 'message', ({ data }) => heard.push(data));
    const { value } = await source.messages().next();
    same([value, value instanceof Event, heard], [{ type: 'message', data: 'a', lastEventId: '', origin: here }, false, []]);
    source.close();

    const listened = new EventSource(await script([{ pause: '50ms' }, 'id: 7\ndata: a\n\n', { end: 'stall' }]), { transport, reconnect: true });
    const events = [];
    listened.onmessage = (event) => events.push(event);
    const given = (await listened.messages().next()).value;
    same([events.length, given === events[0], given instanceof MessageEvent, given.target === listened], [1, true, true, true]);
    same([given.data, given.lastEventId, given.origin, given.ports, given.source, `${given}`], ['a', '7', here, [], null, '[object MessageEvent]']);
    listened.close();
  });

  test(`a listener hears the server's messages named error although an iterator takes them, over ${transport}`, async () => {
    const source = new EventSource(await script([{ pause: '50ms' }, 'event: error\ndata: a\n\nevent: tick\ndata: b\n\n', { end: 'stall' }]), { transport, reconnect: true });
    const heard = [];
    source.addEventListener('error', ({ data }) => heard.push(data));
    const messages = source.messages(['error', 'tick']);
    same([(await messages.next()).value.data, (await messages.next()).value.data, heard], ['a', 'b', ['a']]);
    source.close();
  });

  test(`batches for frames: at most one in each, nothing missing, and the end waits for none, over ${transport}`, async () => {
    // It doesn't end before the page has read enough: the batch at a stream's end waits for no frame.
    const source = new EventSource(`${here}/events?interval=1ms&data=n`, { transport, reconnect: true });
    let frame = 0;
    let counting = true;
    const count = () => {
      frame += 1;
      if (counting) requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
    const [seen, frames] = [[], []];
    for await (const batch of source.messages('message', { batch: 'frame' })) {
      frames.push(frame);
      seen.push(...batch.map(({ data }) => Number(data)));
      if (seen.length >= 300) break;
    }
    counting = false;
    same(seen, Array.from(seen, (_, n) => n));
    same(new Set(frames).size, frames.length, 'two batches in a frame');
    const rest = source.messages('message', { batch: 'frame' });
    const end = rest.next();
    source.close();
    same(await end, { value: undefined, done: true });
  });
}

for (const options of [undefined, { reconnect: true }, { transport: 'fetch' }]) {
  test(`who always waits loses nothing of a burst, however small the queue, with ${JSON.stringify(options)}`, async () => {
    const source = new EventSource(await numbered(200), options);
    const read = async (batch) => {
      const messages = source.messages('message', { capacity: 2, overflow: 'drop-oldest', batch });
      const seen = [];
      for await (const given of messages) {
        seen.push(...[given].flat());
        if (seen.length + messages.dropped === 200) break;
      }
      return messages.dropped;
    };
    same(await Promise.all([read(), read(2)]), [0, 0]);
    source.close();
  });
}

test('a burst comes to who waits for batches in few of them', async () => {
  const source = new EventSource(await numbered(300));
  const sizes = [];
  for await (const { length } of source.messages('message', { batch: 100 })) {
    sizes.push(length);
    if (sizes.reduce((sum, size) => sum + size) === 300) break;
  }
  assert(sizes.length < 100, `in ${sizes.length} batches`);
  source.close();
});

test('several that wait for batches are served in order, also by frames', async () => {
  for (const batch of [2, 'frame']) {
    const source = new EventSource(await script([{ pause: '50ms' }, 'data: 0\n\ndata: 1\n\n', { pause: '100ms' }, 'data: 2\n\n', { end: 'stall' }]));
    const messages = source.messages('message', { batch });
    const batches = await Promise.all([messages.next(), messages.next()]);
    same(batches.flatMap(({ value }) => value.map(({ data }) => data)).slice(0, 2), ['0', '1']);
    source.close();
  }
});

test('while a long backlog is read the page does other things', async () => {
  const [many, chunk] = [30_000, 100];
  // Each chunk is there as soon as the one before has been read: nothing but microtasks lies between them.
  const body = () => new ReadableStream({
    start(controller) {
      const bytes = new TextEncoder().encode('data: x\n\n'.repeat(chunk));
      for (let n = 0; n < many; n += chunk) controller.enqueue(bytes);
      controller.close();
    },
  });
  for (const batch of [undefined, 100]) {
    const source = EventSource.fromResponse(new Response(body(), { headers: { 'content-type': 'text/event-stream' } }));
    await next(source, 'open');
    let read = 0;
    const readAt = [];
    const timer = setInterval(() => readAt.push(read), 0);
    for await (const messages of source.messages('message', { batch, capacity: many })) read += batch === undefined ? 1 : messages.length;
    clearInterval(timer);
    same(read, many);
    assert(readAt.some((count) => count > 0 && count < many), `timers had their turn at ${readAt}`);
  }
});
