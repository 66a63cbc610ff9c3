// Servers that people run, over both transports: names of events, going on after the server was killed, ids that are too old.

import init, { EventSource } from '../eventsource_wasm.js';

import { assert, same, test, token, until } from './harness.js';

await init();

const control = new URLSearchParams(location.search).get('control');

async function tell(action, query = {}) {
  const response = await fetch(`${control}/${action}?${new URLSearchParams(query)}`);
  if (!response.ok) throw new Error(`${action}: ${await response.text()}`);
  return response.json();
}

const addresses = await tell('addresses');
const TRANSPORTS = [['native', {}], ['fetch', { transport: 'fetch' }]];
/** Firefox gives up where a connection is refused, so the source has to go on by itself; short, for the tests' sake. */
const reconnect = () => 50;
const numbers = (count, from = 0) => Array.from({ length: count }, (_, n) => from + n);

/** What a source tells, as `[type, number]`; `read` makes a number of a message. */
function listen(source, types, read = ({ data }) => Number(data)) {
  const seen = [];
  const gaps = [];
  for (const type of types) source.addEventListener(type, (message) => seen.push([type, read(message)]));
  source.addEventListener('gap', ({ data }) => gaps.push(data));
  return { seen, gaps, numbers: () => seen.map(([, n]) => n) };
}

/** Kills the server when some messages have come and starts it again; waits for so many, each of them once and in order. */
async function killed(server, source, heard, count, check = () => same(heard.numbers(), numbers(count)), done = () => heard.seen.length >= count) {
  await until('some messages have come', () => heard.seen.length >= 5);
  await tell('kill', { name: server });
  assert(heard.seen.length < count, 'the stream was over before the server was killed');
  await until('the loss is noticed', () => source.readyState !== 1);
  await tell('start', { name: server });
  await until('all have come', done);
  check();
  assert(source.stats.reconnects >= 1, 'it has not reconnected');
}

const names = (count) => numbers(count).map((n) => [n % 2 === 1 ? 'tick' : 'message', n]);

for (const [transport, options] of TRANSPORTS) {
  for (const server of ['better-sse', 'axum']) {
    const address = `${addresses[server]}/events?`;

    test(`${server}: events with names, and all of them although it is killed in mid-stream (${transport})`, async () => {
      const source = new EventSource(`${address}count=40`, { ...options, reconnect });
      const heard = listen(source, ['message', 'tick']);
      await killed(server, source, heard, 40);
      same([heard.seen, heard.gaps], [names(40), []]);
      source.close();
    });

    test(`${server}: what follows an id that is too old is told as a gap (${transport})`, async () => {
      const source = new EventSource(`${address}count=30&oldest=20&interval=0`, { ...options, lastEventId: '3', lastEventIdParam: 'lastEventId' });
      const heard = listen(source, ['message', 'tick']);
      await until('the rest has come', () => heard.seen.length >= 10);
      // better-sse makes JSON of all data.
      same([heard.numbers(), heard.gaps.map((text) => text.replaceAll('"', ''))], [numbers(10, 20), ['4 to 19 are no longer kept']]);
      source.close();
    });
  }

  const query = 'subscription($from: Int, $oldest: Int) { numbers(from: $from, oldest: $oldest) }';
  const subscription = (variables) => `${addresses['graphql-sse']}/?${new URLSearchParams({ query, variables: JSON.stringify(variables) })}`;
  const number = ({ data }) => JSON.parse(data).data.numbers;

  test(`graphql-sse: ${transport === 'fetch' ? 'a subscription goes on where its data says' : 'a subscription is made again'} after the server was killed (${transport})`, async () => {
    const source = new EventSource(subscription({}), {
      ...options,
      reconnect,
      endEvent: 'complete',
      lastEventIdParam: null,
      position: (message) => (message.type === 'next' ? number(message) : undefined),
      urlProvider: ({ lastEventId }) => subscription({ from: lastEventId === '' ? 0 : Number(lastEventId) + 1 }),
    });
    const heard = listen(source, ['next'], number);
    const over = () => heard.seen.at(-1)[1] === 39;
    await killed('graphql-sse', source, heard, 40, () => {
      const found = heard.numbers();
      // A connection that the browser itself makes again asks for the same URL, and the subscription begins anew.
      const anew = (n) => transport === 'native' && n === 0;
      assert(found.every((n, place) => n === (found[place - 1] ?? -1) + 1 || anew(n)), `${found}`);
    }, over);
    await until('it is complete', () => source.readyState === 2);
    same(source.state.reason, 'complete');
  });

  test(`graphql-sse: what is no longer kept is an error among its results (${transport})`, async () => {
    const source = new EventSource(subscription({ from: 3, oldest: 20 }), { ...options, endEvent: 'complete' });
    const heard = listen(source, ['next'], ({ data }) => JSON.parse(data).errors?.[0].message);
    await until('it is complete', () => source.readyState === 2);
    same(heard.seen, [['next', '3 is no longer kept; ask from 20']]);
  });

  const mcp = (key) => `${addresses.mcp}/mcp?key=${key}&count=40`;

  test(`MCP: its event store outlives the server, and so does the stream (${transport})`, async () => {
    const source = new EventSource(mcp(token()), { ...options, reconnect });
    const heard = listen(source, ['message'], ({ data }) => JSON.parse(data).params.data);
    await killed('mcp', source, heard, 40);
    source.close();
  });

  test(`MCP: an id that it does not know ends the source (${transport})`, async () => {
    const source = new EventSource(mcp(token()), { ...options, lastEventId: 'gone_1', reconnect: { maxAttempts: 2, maxDelay: 1 } });
    source.onmessage = () => {};
    await until('it is closed', () => source.readyState === 2);
    const { reason, cause } = source.state;
    same([reason, cause.name, cause.status], ['failure', ...(transport === 'fetch' ? ['StatusError', 400] : ['ConnectionFailedError', undefined])]);
  });

  test(`nchan: events with names, and all of them although one node is killed in mid-stream (${transport})`, async () => {
    const channel = token();
    const source = new EventSource(`${addresses.nchan1}/events/${channel}`, { ...options, reconnect, lastEventIdParam: 'lastEventId' });
    const heard = listen(source, ['message', 'tick']);
    await tell('publish', { channel, count: 20 });
    await tell('publish', { channel, from: 20, count: 20, type: 'tick' });
    await until('all have come', () => heard.seen.length >= 40);
    await tell('kill', { name: 'nchan1' });
    await tell('publish', { channel, from: 40, count: 20, node: 'nchan2' });
    await until('the loss is noticed', () => source.readyState !== 1);
    await tell('start', { name: 'nchan1' });
    await until(`60 messages have come, not ${heard.seen.length}`, () => heard.seen.length >= 60);
    same(heard.seen, numbers(60).map((n) => [n >= 20 && n < 40 ? 'tick' : 'message', n]));
    source.close();
  });

  test(`nchan: after an id that is too old comes all that is kept, and nothing tells (${transport})`, async () => {
    const channel = token();
    await tell('publish', { channel, count: 10 });
    const source = new EventSource(`${addresses.nchan2}/events/${channel}`, { ...options, lastEventId: '100:0', lastEventIdParam: 'lastEventId' });
    const heard = listen(source, ['message']);
    await until('all have come', () => heard.seen.length >= 10);
    same([heard.numbers(), heard.gaps], [numbers(10), []]);
    source.close();
  });
}

test('nchan: 5,000 messages while both nodes are killed twice and Redis once, each seen once and in order', async ({ note }) => {
  const channel = token();
  const sources = TRANSPORTS.map(([transport, options]) => {
    let attempts = 0;
    const source = new EventSource(addresses.nchan1, {
      ...options,
      reconnect,
      lastEventIdParam: 'lastEventId',
      // Whichever node is up.
      urlProvider: () => {
        attempts += 1;
        return `${addresses[attempts % 2 === 0 ? 'nchan2' : 'nchan1']}/events/${channel}`;
      },
    });
    return { transport, source, heard: listen(source, ['message']) };
  });
  await tell('storm', { channel, count: 5000 });
  for (const { transport, source, heard } of sources) {
    const all = () => heard.seen.length >= 5000;
    await until('all have come', all).catch(() => {});
    const wrong = heard.numbers().findIndex((n, place) => n !== place);
    assert(all() && wrong < 0, `${transport}: ${heard.seen.length} messages, ${wrong < 0 ? 'in order' : `and ${heard.seen[wrong][1]} in place of ${wrong}`}`);
    same(heard.seen.length, 5000);
    assert(source.stats.reconnects >= 1, `${transport}: ${source.stats.reconnects} reconnections`);
    note(`${transport}: ${source.stats.reconnects} reconnections`);
    source.close();
  }
}, 90_000);
