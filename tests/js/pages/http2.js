// Many sources over one connection: this page is served over HTTPS, where browsers speak HTTP/2.

import init, { EventSource } from '../eventsource_wasm.js';

import { assert, connections, same, test, token, until } from './harness.js';

await init();

const MANY = 50;

const kinds = [
  ["the browser's own", (url) => new globalThis.EventSource(url)],
  ['the class', (url) => new EventSource(url)],
  ['the class over fetch', (url) => new EventSource(url, { transport: 'fetch' })],
  ['the class with reconnect', (url) => new EventSource(url, { reconnect: true })],
];

for (const [name, make] of kinds) {
  test(`${MANY} sources share one connection: ${name}`, async () => {
    const mark = token();
    const sources = Array.from({ length: MANY }, () => make(`/events?interval=100ms&token=${mark}`));
    const heard = new Set();
    for (const source of sources) source.addEventListener('message', () => heard.add(source));
    await until('each has a message', () => heard.size === MANY);
    const open = await connections(mark);
    same([open.length, [...new Set(open.map(({ http }) => http))]], [MANY, ['HTTP/2.0']]);
    same(new Set(open.map(({ peer }) => peer)).size, 1, 'peers');
    // One goes, and the others stay.
    sources[0].close();
    await until('the server knows', async () => (await connections(mark)).length === MANY - 1);
    heard.clear();
    await until('the others go on', () => heard.size === MANY - 1);
    assert(!heard.has(sources[0]));
    for (const source of sources) source.close();
    await until('all are gone', async () => (await connections(mark)).length === 0);
  });
}
