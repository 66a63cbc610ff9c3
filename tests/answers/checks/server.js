// What all routes have in common, and the server's life.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { test } from '../../js/report.js';
import { asked, post, token } from './support.js';

export async function server(origin) {
  await test('pages of any origin may ask, with any headers, and read the headers that they need', async () => {
    for (const path of ['openai/plain', 'anthropic/plain', 'chat', 'chat/one/stream', 'mcp', 'graphql', 'asked']) {
      const key = token();
      const wanted = 'authorization,content-type,last-event-id,mcp-protocol-version,mcp-session-id,x-mine';
      const preflight = await fetch(`${origin}/${path}?key=${key}`, {
        method: 'OPTIONS',
        headers: { origin: 'http://page.test', 'access-control-request-method': 'POST', 'access-control-request-headers': wanted },
      });
      assert.equal(preflight.status, 204);
      assert.equal(preflight.headers.get('access-control-allow-origin'), 'http://page.test');
      assert.equal(preflight.headers.get('access-control-allow-headers'), wanted);
      assert.match(preflight.headers.get('access-control-allow-methods'), /POST.*DELETE/);
      const { count, preflights } = await asked(origin, key);
      assert.deepEqual([count, preflights], [0, 1]);
      const answer = await fetch(`${origin}/${path}?key=${key}`, { headers: { origin: 'http://page.test', accept: 'text/event-stream' } });
      await answer.body?.cancel();
      assert.equal(answer.headers.get('access-control-allow-origin'), 'http://page.test');
      assert.match(answer.headers.get('access-control-expose-headers'), /Retry-After,.*X-Request-Id,.*Mcp-Session-Id/);
    }
  });

  await test('a request without a key, or for nothing that is here, is refused with a line of text', async () => {
    const nothing = await fetch(`${origin}/nothing?key=x`);
    assert.equal(nothing.status, 404);
    assert.match(await nothing.text(), /There are \/openai/);
    assert.equal((await fetch(`${origin}/openai?key=x`)).status, 404);
    assert.equal((await fetch(`${origin}/constructor?key=x`)).status, 404);
    assert.equal((await fetch(`${origin}/asked`)).status, 400);
    assert.equal((await post(`${origin}/openai/plain`, {})).status, 400);
    assert.equal((await fetch(`${origin}/asked?key=a/b`)).status, 400);
  });

  await test('keys do not disturb each other, and long bodies are kept in part', async () => {
    const [one, other] = [token(), token()];
    const long = 'x'.repeat(100_000);
    await post(`${origin}/openai/plain?key=${one}`, { long });
    assert.equal((await asked(origin, other)).count, 0);
    const { count, requests: [{ body }] } = await asked(origin, one);
    assert.equal(count, 1);
    assert.equal(body, JSON.stringify({ long }).slice(0, 65_536));
    assert.equal((await post(`${origin}/openai/plain?key=${one}`, { long: long.repeat(20) }).catch(() => ({ status: 413 }))).status, 413);
  });

  await test('the server ends when the process that started it has gone', async () => {
    const program = fileURLToPath(new URL('../server.js', import.meta.url));
    const parent = spawn('sh', ['-c', '"$0" "$1" & wait', process.execPath, program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface(parent.stdout);
    await once(lines, 'line');
    const gone = once(lines, 'close');
    parent.kill('SIGKILL');
    const late = setTimeout(() => lines.emit('error', new Error('it is still there')), 5000);
    await gone;
    clearTimeout(late);
  });
}
