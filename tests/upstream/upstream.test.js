// Puts the dev server (DEV_SERVER) in front of a better-sse server, and each kind of fault into its streams; a client resumes after
// those that end them: `node tests/upstream/upstream.test.js`.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

import { createSession } from 'better-sse';

import { report, test } from '../js/report.js';

const COUNT = 6;

/** Sends the events 0 to 5 that follow `Last-Event-ID`, then ends. */
async function serve(request, response) {
  const session = await createSession(request, response, { keepAlive: null });
  for (let n = session.lastId === '' ? 0 : Number(session.lastId) + 1; n < COUNT; n += 1) session.push(n, 'message', String(n));
  if (!request.url.includes('stays')) response.end();
}

/** What arrives of one connection: the status, the ids, and whether it ended in order. */
async function read(url, lastId, done = () => false) {
  const abort = new AbortController();
  const headers = lastId === undefined ? {} : { 'last-event-id': lastId };
  const response = await fetch(url, { headers, signal: abort.signal });
  let text = '';
  let whole = true;
  const ids = () => [...text.matchAll(/^id: ?(.+)$/gm)].map(([, id]) => id);
  try {
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
      text += piece;
      if (done(ids())) break;
    }
  } catch {
    whole = false;
  }
  return { status: response.status, ids: ids(), whole, headers: response.headers };
}

await report(async (running) => {
  const upstream = createServer(serve).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  running.push(() => { upstream.closeAllConnections(); upstream.close(); });
  const address = `http://127.0.0.1:${upstream.address().port}`;
  const args = ['--port', '0', '--no-build', '--no-watch', '-q', '--upstream', address];
  const program = spawn(process.env.DEV_SERVER, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(program, 'close');
  running.push(async () => { program.kill(); await ended; });
  const [line] = await once(createInterface(program.stdout), 'line');
  const origin = new URL(line).origin;
  const through = (params, path = 'stream') => `${origin}/through/${params}/${path}`;
  const all = Array.from({ length: COUNT }, (_, n) => String(n));

  await test('without a fault all arrives', async () => {
    for (const url of [`${origin}/stream`, through('')]) assert.deepEqual((await read(url)).ids, all);
  });

  for (const [params, whole] of [['drop=2', true], ['drop=2&end=abort', false], ['drop=2&end=reset', false]]) {
    await test(`after ${params} a client resumes until it has all`, async () => {
      const got = [];
      while (got.length < COUNT) {
        const { ids, ...end } = await read(through(params), got.at(-1));
        assert.equal(ids.length, 2);
        assert.equal(end.whole, whole);
        got.push(...ids);
      }
      assert.deepEqual(got, all);
    });
  }

  await test('after a stall that is killed a client resumes', async () => {
    const first = read(through('drop=2&end=stall', 'stays'));
    for (;;) {
      const { connections } = await (await fetch(`${origin}/connections`)).json();
      if (connections[0]?.events === 2) {
        assert.equal(connections[0].upstream, `${address}/stays`);
        break;
      }
    }
    await fetch(`${origin}/connections?end=abort`, { method: 'DELETE' });
    const { ids, whole } = await first;
    assert.deepEqual([ids, whole], [['0', '1'], false]);
    assert.deepEqual((await read(through(''), '1')).ids, all.slice(2));
  });

  for (const [params, ids] of [['gap=3', '0134'], ['dup=2', '011233455'], ['reorder=2', '103254']]) {
    await test(`${params} changes which events come`, async () => {
      assert.equal((await read(through(params))).ids.join(''), ids);
    });
  }

  for (const params of ['delay=200ms', 'delay-headers=200ms', 'jitter=20ms', 'rate=1', 'chunk_size=5', 'split=both&eol=crlf']) {
    await test(`${params} changes when and how they come, and nothing else`, async () => {
      const began = performance.now();
      const { ids } = await read(through(params));
      assert.deepEqual(ids, all);
      if (params.startsWith('delay')) assert.ok(performance.now() - began >= 190);
    });
  }

  await test('status, media type and a plan of attempts', async () => {
    assert.equal((await read(through('status=503'))).status, 503);
    assert.equal((await read(through('mime=text%2Fplain'))).headers.get('content-type'), 'text/plain');
    const plan = through('token=a&plan=200:drop=2:end=reset,503,200');
    const got = [await read(plan), await read(plan, '1'), await read(plan, '1')];
    assert.deepEqual(got.map(({ status }) => status), [200, 503, 200]);
    assert.deepEqual([got[0].ids, got[2].ids], [all.slice(0, 2), all.slice(2)]);
  });
});
