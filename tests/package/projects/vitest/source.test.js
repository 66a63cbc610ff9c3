import { EventSource } from 'eventsource-wasm';
import { expect, test, vi } from 'vitest';

import { eventually, serve, stream } from './support.js';

const warnings = [];
process.on('warning', ({ message }) => warnings.push(message));

/** The next event of a type. */
const next = (source, type) => new Promise((resolve) => { source.addEventListener(type, resolve, { once: true }); });

test('there is no platform\'s class here', () => {
  expect(globalThis.EventSource).toBeUndefined();
});

test('a source reads over fetch, and closes', async () => {
  const { url, asked, reading } = await serve((response) => stream(response, 1));
  const source = new EventSource(url);
  expect([source.url, source.readyState]).toEqual([url, 0]);
  const { type, data, lastEventId, origin, target } = await next(source, 'message');
  expect([type, data, lastEventId, origin, target === source]).toEqual(['message', '1', '1', new URL(url).origin, true]);
  expect([source.readyState, source.state.name, asked.length, asked[0].accept]).toEqual([1, 'open', 1, 'text/event-stream']);
  source.close();
  expect([source.readyState, source.state]).toEqual([2, { name: 'closed', reason: 'close', cause: null }]);
  await eventually(() => expect(reading.size).toBe(0));
});

test('a source without options gives up where the platform\'s does', async () => {
  const { url, asked } = await serve((response) => response.writeHead(503).end());
  const source = new EventSource(url);
  await next(source, 'error');
  expect([source.readyState, source.state.cause.name, source.state.cause.status, asked.length]).toEqual([2, 'StatusError', 503, 1]);
});

test('with `reconnect` it goes on after a break and an answer of 503', async () => {
  const { url, asked } = await serve((response, attempt, lastEventId) => {
    if (attempt === 2) response.writeHead(503).end();
    else stream(response, Number(lastEventId ?? 0) + 1);
    if (attempt === 1) response.end();
  });
  const source = new EventSource(url, { reconnect: { minDelay: 1 } });
  const seen = [];
  source.onmessage = ({ data }) => seen.push(data);
  await eventually(() => expect(seen).toEqual(['1', '2']));
  expect([source.readyState, source.lastEventId, asked.map((headers) => headers['last-event-id'])]).toEqual([1, '2', [undefined, '1', '1']]);
  source.close();
});

test('`for await` gives its messages, and leaving it closes the source', async () => {
  const { url, reading } = await serve((response) => stream(response, 1, 2, 3));
  const source = new EventSource(url);
  const seen = [];
  for await (const { data } of source) if (seen.push(data) === 2) break;
  expect([seen, source.readyState]).toEqual([['1', '2'], 2]);
  await eventually(() => expect(reading.size).toBe(0));
});

test('microtasks run after each message, as with the platform\'s', async () => {
  const { url } = await serve((response) => stream(response, 1, 2, 3));
  const source = new EventSource(url);
  const seen = [];
  source.onmessage = ({ data }) => {
    seen.push(data);
    queueMicrotask(() => seen.push(`after ${data}`));
  };
  await eventually(() => expect(seen.length).toBe(6));
  source.close();
  expect(seen).toEqual(['1', 'after 1', '2', 'after 2', '3', 'after 3']);
});

test('a signal closes it', async () => {
  const { url, reading } = await serve((response) => stream(response, 1));
  const controller = new AbortController();
  const source = new EventSource(url, { signal: controller.signal });
  await next(source, 'message');
  controller.abort();
  expect(source.state.reason).toBe('abort');
  await eventually(() => expect(reading.size).toBe(0));
});

/** As a test of a page makes one. */
class Fake extends EventTarget {
  static made = [];
  readyState = 0;

  constructor(url) {
    super();
    this.url = url;
    Fake.made.push(this);
  }

  close() {
    this.readyState = 2;
  }
}

test('a fake in the platform\'s place is used', () => {
  vi.stubGlobal('EventSource', Fake);
  try {
    const source = new EventSource('http://localhost/fake');
    const [fake] = Fake.made;
    expect(fake.url).toBe('http://localhost/fake');
    const seen = [];
    source.onopen = () => seen.push(`open ${source.readyState}`);
    source.addEventListener('tick', ({ data, lastEventId, target }) => seen.push(`${data} ${lastEventId} ${target === source}`));
    fake.readyState = 1;
    fake.dispatchEvent(new Event('open'));
    fake.dispatchEvent(new MessageEvent('tick', { data: 'one', lastEventId: '7' }));
    expect(seen).toEqual(['open 1', 'one 7 true']);
    source.close();
    expect([fake.readyState, source.readyState]).toEqual([2, 2]);
  } finally {
    vi.unstubAllGlobals();
  }
});

test('Node has nothing to warn of', () => {
  expect(warnings).toEqual([]);
});
