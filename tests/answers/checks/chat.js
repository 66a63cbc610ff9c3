import assert from 'node:assert/strict';

import { test } from '../../js/report.js';
import { text } from '../text.js';
import { asked, json, post, read, tells, token } from './support.js';

const written = (events) => json(events).filter(({ type }) => type === 'text-delta').map(({ delta }) => delta).join('');

export async function chat(origin) {
  const start = (key, query = '', id = 'one') => post(`${origin}/chat?key=${key}${query}`, { id, messages: [], trigger: 'submit-message' });
  const resume = (key, { id = 'one', query = '', headers } = {}) => fetch(`${origin}/chat/${id}/stream?key=${key}${query}`, { headers });

  await test('chat: an answer is a stream of parts, finish, then [DONE]; afterwards there is nothing to resume', async () => {
    const key = token();
    assert.equal((await resume(key)).status, 204);
    const { headers, events, error } = await read(await start(key, '&pace=1'));
    assert.equal(error, undefined);
    assert.equal(headers.get('x-vercel-ai-ui-message-stream'), 'v1');
    assert.equal(written(events), text);
    assert.deepEqual(events.slice(-2).map(({ data }) => data), ['{"type":"finish"}', '[DONE]']);
    assert.deepEqual(events.map(({ id, type }) => [id, type]), events.map((_, n) => [`1-${n + 1}`, undefined]));
    assert.equal((await resume(key)).status, 204);
    assert.equal((await resume(token())).status, 204);
    assert.deepEqual((await asked(origin, key)).requests.map(({ method, path, status }) => `${method} ${path} ${status}`), [
      'GET /chat/one/stream 204', 'POST /chat 200', 'GET /chat/one/stream 204',
    ]);
  });

  await test('chat: a connection breaks, and the answer goes on after the last id, or from the beginning', async () => {
    const key = token();
    const first = await read(await start(key, '&pace=10&break=4,3'));
    assert.ok(first.error !== undefined);
    assert.equal(first.events.length, 4);
    await tells(origin, key, { state: 'broken', events: 4 });
    const second = await read(await resume(key, { headers: { 'last-event-id': first.events.at(-1).id } }));
    assert.ok(second.error !== undefined);
    assert.deepEqual(second.events.map(({ id }) => id), ['1-5', '1-6', '1-7']);
    const [third, all] = await Promise.all([
      resume(key, { query: '&lastEventId=1-7' }).then(read),
      resume(key).then(read),
    ]);
    assert.equal(third.error, undefined);
    assert.deepEqual([...first.events, ...second.events, ...third.events], all.events);
    assert.equal(written(all.events), text);
    assert.equal((await asked(origin, key)).requests.filter(({ method }) => method === 'POST').length, 1);
  });

  await test('chat: an answer goes on without listeners, and can be resumed for a while after its end', async () => {
    const key = token();
    const { events } = await read(await start(key, '&pace=0&break=2&keep=60000'));
    assert.equal(events.length, 2);
    const rest = await read(await resume(key, { headers: { 'last-event-id': '1-2' } }));
    assert.equal(written([...events, ...rest.events]), text);
    assert.equal((await resume(key, { headers: { 'last-event-id': rest.events.at(-1).id } })).status, 204);
  });

  await test('chat: without ids it replays from the beginning; a new question ends the answer before', async () => {
    const key = token();
    const { events } = await read(await start(key, '&pace=5&ids=no&break=3'));
    assert.ok(events.every(({ id }) => id === undefined));
    const again = await read(await resume(key, { headers: { 'last-event-id': '1-3' } }));
    assert.deepEqual(again.events.slice(0, 3), events);

    const old = start(key, '&pace=50').then(read);
    await new Promise((resolve) => { setTimeout(resolve, 120); });
    const newer = await read(await start(key, '&pace=1'));
    assert.match(newer.events[0].id, /^3-/);
    assert.ok(!written((await old).events).endsWith(text));
  });

  await test('chat: what makes no sense is refused', async () => {
    const key = token();
    assert.equal((await post(`${origin}/chat?key=${key}`, {})).status, 400);
    assert.equal((await fetch(`${origin}/chat?key=${key}`)).status, 405);
    assert.equal((await post(`${origin}/chat/one/stream?key=${key}`, {})).status, 405);
    assert.equal((await fetch(`${origin}/chat/one?key=${key}`)).status, 404);
  });
}
