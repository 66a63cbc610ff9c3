import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js';

import { test } from '../../js/report.js';
import { asked, events, json, post, read, settled, token, until } from './support.js';

const VERSION = '2025-11-25';
const accept = { accept: 'application/json, text/event-stream' };

/** The SDK's own client, connected. */
async function connect(origin, query = '') {
  const key = token();
  const transport = new StreamableHTTPClientTransport(new URL(`${origin}/mcp?key=${key}${query}`));
  const client = new Client({ name: 'checks', version: '1.0.0' });
  await client.connect(transport);
  const requests = async (method) => (await asked(origin, key)).requests.filter((told) => told.method === method);
  return { key, transport, client, requests };
}

/** A session without the SDK, and how to ask in it. */
async function session(origin, query = '', version = VERSION) {
  const key = token();
  const url = `${origin}/mcp?key=${key}${query}`;
  const hello = { protocolVersion: version, capabilities: {}, clientInfo: { name: 'bare', version: '1' } };
  const opened = await read(await post(url, { jsonrpc: '2.0', id: 0, method: 'initialize', params: hello }, accept));
  const headers = { ...accept, 'mcp-session-id': opened.headers.get('mcp-session-id'), 'mcp-protocol-version': version };
  const noted = await post(url, { jsonrpc: '2.0', method: 'notifications/initialized' }, headers);
  assert.equal(noted.status, 202);
  const call = (id, name, input, more = {}) => post(url, {
    jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: input, _meta: { progressToken: id } },
  }, { ...headers, ...more });
  const get = (id, signal) => fetch(url, {
    headers: { ...headers, accept: 'text/event-stream', ...(id === undefined ? {} : { 'last-event-id': id }) },
    signal,
  });
  return { key, url, opened, headers, call, get };
}

const said = ({ content: [{ text }] }) => text;

export async function mcp(origin) {
  await test('mcp: the SDK\'s client calls a tool, over a stream and with JSON', async () => {
    for (const [query, type] of [['', /^text\/event-stream/], ['&answers=json', /^application\/json/]]) {
      const { client, transport, key } = await connect(origin, query);
      assert.equal(said(await client.callTool({ name: 'echo', arguments: { text: '水 🧩' } })), '水 🧩');
      assert.match((await client.listTools()).tools.map(({ name }) => name).join(), /^echo,slow,break,announce$/);
      const bare = await session(origin, query);
      assert.match((await bare.call(1, 'echo', { text: 'x' })).headers.get('content-type'), type);
      await transport.terminateSession();
      await client.close();
      const { method, headers, status } = (await asked(origin, key)).requests.at(-1);
      assert.deepEqual([method, headers['mcp-session-id'] !== undefined, status], ['DELETE', true, 200]);
    }
  });

  await test('mcp: the server ends a stream in the middle, and the SDK\'s client comes back for the rest', async () => {
    const { client, requests } = await connect(origin);
    const progress = [];
    const result = await client.callTool({ name: 'slow', arguments: { steps: 5, end: [2, 4] } }, undefined, {
      onprogress: ({ progress: n }) => progress.push(n),
    });
    assert.equal(said(result), 'did 5 steps');
    assert.deepEqual(progress, [1, 2, 3, 4, 5]);
    const resumed = (await requests('GET')).filter(({ headers }) => headers['last-event-id'] !== undefined);
    assert.ok(resumed.length >= 1, 'it was never resumed');
    assert.equal((await requests('POST')).filter(({ body }) => body.method === 'tools/call').length, 1);
    await client.close();
  });

  for (const how of ['close', 'reset', 'short']) {
    await test(`mcp: the connection breaks inside an event, and the SDK's client resumes (${how})`, async () => {
      const { client, requests } = await connect(origin);
      const progress = [];
      const result = await client.callTool({ name: 'break', arguments: { after: 1, how } }, undefined, {
        onprogress: ({ progress: n }) => progress.push(n),
      });
      assert.equal(said(result), 'did 4 steps');
      assert.deepEqual(progress, [1, 2, 3, 4]);
      const [broken] = (await requests('POST')).filter(({ body }) => body.method === 'tools/call');
      assert.deepEqual([broken.state, broken.events], ['broken', 2]);
      await client.close();
    });
  }

  await test('mcp: the facts: a first event without data, resuming, and what ends a stream', async () => {
    const { opened, call, get, headers, url } = await session(origin, '&retry=70');
    assert.deepEqual([opened.events[0].data, opened.events[0].retry, opened.events[0].type], ['', '70', undefined]);
    assert.match(opened.events[0].id, /_1$/);
    assert.equal(json(opened.events)[0].result.protocolVersion, VERSION);

    const whole = await read(await call(1, 'slow', { steps: 2, end: [] }));
    assert.equal(whole.error, undefined);
    assert.deepEqual(whole.events.map(({ type }) => type), [undefined, 'message', 'message', 'message']);
    assert.equal(json(whole.events).at(-1).id, 1);

    const ended = await read(await call(2, 'slow', { steps: 3, end: [1] }));
    assert.equal(ended.error, undefined);
    assert.deepEqual(json(ended.events).map(({ params }) => params.progress), [1]);
    const rest = await read(await get(ended.events.at(-1).id));
    assert.deepEqual(json(rest.events).map(({ params, id }) => params?.progress ?? id), [2, 3, 2]);

    // Resumed when the response had been made: it is replayed, and the stream stays open.
    const aborter = new AbortController();
    const late = await get(ended.events[0].id, aborter.signal);
    const reading = read(late);
    await new Promise((resolve) => { setTimeout(resolve, 200); });
    aborter.abort();
    const replayed = await reading;
    assert.equal(replayed.error?.name, 'AbortError');
    assert.equal(json(replayed.events).at(-1).id, 2);

    const open = (await call(4, 'slow', { steps: 1000, pause: 50, end: [] })).body.getReader();
    const [{ id }] = events(Buffer.from((await open.read()).value).toString());
    assert.equal((await get(id)).status, 409);
    await open.cancel();
    assert.equal((await get('unknown_1')).status, 400);
    assert.equal((await post(url, { jsonrpc: '2.0', id: 3, method: 'ping' }, accept)).status, 400);
    assert.equal((await post(url, { jsonrpc: '2.0', id: 3, method: 'ping' }, { ...headers, 'mcp-session-id': 'gone' })).status, 404);
    assert.equal((await post(url, { jsonrpc: '2.0', id: 3, method: 'ping' }, { ...headers, accept: 'text/event-stream' })).status, 406);
    assert.equal((await fetch(url, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '{' })).status, 400);
  });

  await test('mcp: neither older clients nor a server without a store have a first event with an id', async () => {
    const old = await session(origin, '', '2025-06-18');
    assert.deepEqual(old.opened.events.map(({ type }) => type), ['message']);
    const unstored = await session(origin, '&store=no');
    const answer = await read(await unstored.call(1, 'slow', { steps: 2 }));
    assert.deepEqual(answer.events.map(({ id }) => id), [undefined, undefined, undefined]);
  });

  await test('mcp: a session has one stream for what is said unasked', async () => {
    const { client, requests } = await connect(origin);
    const heard = [];
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => { heard.push(params.data); });
    await until('the stream is open', async () => (await requests('GET')).length === 1);
    await client.callTool({ name: 'announce', arguments: { count: 3 } });
    await until('all is heard', () => heard.length === 3);
    assert.deepEqual(heard, ['announcement 1', 'announcement 2', 'announcement 3']);
    await client.close();

    const { key, get } = await session(origin);
    const aborter = new AbortController();
    const first = await get(undefined, aborter.signal);
    assert.equal(first.status, 200);
    assert.equal((await get()).status, 409);
    aborter.abort();
    await until('the server noticed', async () => (await asked(origin, key)).requests.some(({ method, left }) => method === 'GET' && left));
    assert.ok((await settled(origin, key)).status > 0);
  });
}
