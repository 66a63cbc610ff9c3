// MSW's sse() wants an EventSource, which is not there: the class is put in its place, and MSW is started after that.

import { EventSource } from 'eventsource-wasm';
import { http, HttpResponse, sse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';

import { eventually } from './support.js';

const server = setupServer();
beforeAll(() => {
  vi.stubGlobal('EventSource', EventSource);
  server.listen({ onUnhandledRequest: 'error' });
});
afterEach(() => server.resetHandlers());
afterAll(() => {
  server.close();
  vi.unstubAllGlobals();
});

const url = 'http://localhost/mocked';
const kinds = Object.entries({
  'without options': undefined,
  'that reconnects': { reconnect: { minDelay: 1 } },
  'over fetch': { transport: 'fetch' },
});

test.each(kinds)('sse() serves a source %s', async (_, options) => {
  const asked = [];
  server.use(sse(url, ({ client, request }) => {
    asked.push(request.headers.get('last-event-id'));
    client.send({ retry: 1 });
    client.send({ id: '7', event: 'tick', data: 'one\ntwo' });
    client.send({ data: { n: asked.length } });
    client.close();
  }));
  const source = new globalThis.EventSource(url, options);
  const seen = [];
  source.addEventListener('tick', ({ data, lastEventId }) => seen.push([data, lastEventId]));
  source.onmessage = ({ data, lastEventId }) => seen.push([data, lastEventId]);
  await eventually(() => expect(seen.length).toBeGreaterThanOrEqual(4));
  source.close();
  expect(seen.slice(0, 4)).toEqual([['one\ntwo', '7'], ['{"n":1}', '7'], ['one\ntwo', '7'], ['{"n":2}', '7']]);
  expect(asked.slice(0, 2)).toEqual([null, '7']);
});

test.each(kinds)('http.get() serves a source %s, and hears that it is closed', async (_, options) => {
  const aborted = vi.fn();
  server.use(http.get(url, ({ request }) => {
    // MSW tells the stream itself nothing of that.
    request.signal.addEventListener('abort', aborted);
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('data: one\n\n')) });
    return new HttpResponse(body, { headers: { 'content-type': 'text/event-stream' } });
  }));
  const source = new globalThis.EventSource(url, options);
  const { data } = await new Promise((resolve) => { source.onmessage = resolve; });
  expect([data, aborted.mock.calls.length]).toEqual(['one', 0]);
  source.close();
  await eventually(() => expect(aborted).toHaveBeenCalledOnce());
});
