// Mock Service Worker, which answers in place of a server, and is started when the package has been imported.

import { here, next, same, test, until } from './harness.js';
import { defaults, fresh, library } from './libraries.js';

await library('msw/lib/iife/index.js');
const { http, HttpResponse, setupWorker, sse } = globalThis.MockServiceWorker;

const cases = [];
for (const [kind, options] of Object.entries(defaults)) {
  for (const loaded of [false, true]) {
    const { default: init, EventSource } = await fresh();
    if (loaded) await init();
    cases.push({
      name: `a source ${kind}, ${loaded ? 'loaded' : 'not loaded yet'}`,
      make: (url) => new EventSource(url, options),
      overFetch: options?.transport === 'fetch',
    });
  }
}
const worker = setupWorker();
await worker.start({ quiet: true, onUnhandledRequest: 'bypass' });

/** What a source hears of a mocked server that closes twice, and what that is asked. */
async function heard(make) {
  const asked = [];
  worker.use(sse('/mocked', ({ client, request }) => {
    asked.push(request.headers.get('last-event-id'));
    client.send({ retry: 1 });
    client.send({ id: '7', event: 'tick', data: 'one\ntwo' });
    client.send({ data: { n: asked.length } });
    client.close();
  }));
  const source = make('/mocked');
  const seen = [];
  source.addEventListener('tick', ({ data, lastEventId, origin }) => seen.push([data, lastEventId, origin]));
  source.onmessage = ({ data, lastEventId }) => seen.push([data, lastEventId]);
  await until('it has been asked twice', () => seen.length >= 4);
  source.close();
  worker.resetHandlers();
  return { seen: seen.slice(0, 4), asked: asked.slice(0, 2) };
}

for (const { name, make, overFetch } of cases) {
  test(`sse() serves ${name}`, async () => {
    const { seen, asked } = await heard(make);
    same(seen, [['one\ntwo', '7', here], ['{"n":1}', '7'], ['one\ntwo', '7', here], ['{"n":2}', '7']]);
    // Service workers of Chromium are not told the id that its own object asks for.
    same(asked, overFetch ? [null, '7'] : (await heard((url) => new globalThis.EventSource(url))).asked);
  });

  test(`http.get() serves ${name}`, async () => {
    let tell;
    worker.use(http.get('/mocked', () => {
      const body = new ReadableStream({ start: (controller) => { tell = (text) => controller.enqueue(new TextEncoder().encode(text)); } });
      return new HttpResponse(body, { headers: { 'content-type': 'text/event-stream' } });
    }));
    const source = make('/mocked');
    await until('it is asked', () => tell !== undefined);
    tell('data: one\n\n');
    same((await next(source, 'message')).data, 'one');
    tell('event: tick\ndata: two\n\n');
    same((await next(source, 'tick')).data, 'two');
    source.close();
    worker.resetHandlers();
  });
}

test('what is not mocked comes from the server', async () => {
  const [{ make }] = cases;
  const source = make('/events?t0=0&data=n&interval=0&drop=1&end=stall');
  same((await next(source, 'message')).data, '0');
  source.close();
});
