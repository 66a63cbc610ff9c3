import assert from 'node:assert/strict';

import { createClient } from 'graphql-sse';

import { test } from '../../js/report.js';
import { json, post, read, tells, token } from './support.js';

const accept = { accept: 'text/event-stream' };

export async function graphql(origin) {
  const ask = async (query, { more = '', key = token(), variables } = {}) => ({
    key, ...await read(await post(`${origin}/graphql?key=${key}${more}`, { query, variables }, accept)),
  });

  await test('graphql: a subscription is next after next, then complete with empty data, then the end', async () => {
    const { events, error, key, headers } = await ask('subscription ($from: Int!) { countdown(from: $from) }', { variables: { from: 2 } });
    assert.equal(error, undefined);
    assert.match(headers.get('content-type'), /^text\/event-stream/);
    assert.deepEqual(events.map(({ type }) => type), ['next', 'next', 'next', 'complete']);
    assert.equal(events.at(-1).data, '');
    assert.deepEqual(json(events).map(({ data }) => data.countdown), [2, 1, 0]);
    await tells(origin, key, { state: 'ended', events: 4 });
  });

  await test('graphql: the protocol\'s own client reads it', async () => {
    const client = createClient({ url: `${origin}/graphql?key=${token()}` });
    const found = [];
    for await (const { data } of client.iterate({ query: 'subscription { countdown }' })) found.push(data.countdown);
    assert.deepEqual(found, [3, 2, 1, 0]);
  });

  await test('graphql: a query, by POST and by GET, is one next, then complete', async () => {
    const query = new URLSearchParams({ key: token(), query: '{ hello(name: "é") }' });
    const byGet = await read(await fetch(`${origin}/graphql?${query}`, { headers: accept }));
    assert.deepEqual(json(byGet.events), [{ data: { hello: 'Hello, é' } }]);
    const { events } = await ask('{ hello }');
    assert.deepEqual(events.map(({ type }) => type), ['next', 'complete']);
    assert.deepEqual(json(events), [{ data: { hello: 'Hello, 世界 🌍' } }]);
  });

  await test('graphql: errors are results; what can\'t be parsed is 400', async () => {
    const [failed] = json((await ask('{ failure }')).events);
    assert.equal(failed.errors[0].message, 'it fails always');
    const invalid = await ask('{ nothing }');
    assert.deepEqual([invalid.status, invalid.events.map(({ type }) => type)], [200, ['next', 'complete']]);
    assert.equal(json(invalid.events)[0].errors.length, 1);
    const middle = json((await ask('subscription { failures }')).events);
    assert.deepEqual(middle.map(({ errors }) => errors?.length), [undefined, 1, undefined]);
    const broken = await ask('{ hello');
    assert.equal(broken.status, 400);
    assert.match(broken.headers.get('content-type'), /^application\/json/);
    const unstreamed = await post(`${origin}/graphql?key=${token()}`, { query: '{ hello }' }, { accept: 'application/json' });
    assert.equal(unstreamed.status, 404);
  });

  await test('graphql: connections break, by the URL and because the server failed', async () => {
    for (const how of ['close', 'reset', 'short']) {
      const { events, error, key } = await ask('subscription { countdown }', { more: `&break=2&how=${how}` });
      assert.ok(error !== undefined);
      assert.equal(events.length, 2);
      await tells(origin, key, { state: 'broken', events: 2 });
    }
    const { events, error, key } = await ask('subscription { crash }');
    assert.ok(error !== undefined);
    assert.deepEqual(json(events).map(({ data }) => data.crash), [1, 0]);
    await tells(origin, key, { state: 'broken', left: false });
  });

  await test('graphql: a client leaves', async () => {
    const key = token();
    const aborter = new AbortController();
    const query = 'subscription { countdown(from: 1000, pause: 5) }';
    const response = await post(`${origin}/graphql?key=${key}`, { query }, accept, { signal: aborter.signal });
    await response.body.getReader().read();
    aborter.abort();
    await tells(origin, key, { left: true });
  });
}
