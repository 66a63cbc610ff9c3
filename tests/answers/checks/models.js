// OpenAI's and Anthropic's formats, and the faults that they share.

import assert from 'node:assert/strict';

import { test } from '../../js/report.js';
import { calls, text, thoughts } from '../text.js';
import { asked, json, post, read, settled, tells, token, until } from './support.js';

const question = { model: 'any', max_tokens: 100, stream: true, messages: [{ role: 'user', content: 'How? 水' }] };

/** Where it does not matter how the bytes come. */
const QUICK = '&chunk=event&pause=0';

/** How each protocol says things. */
const protocols = {
  openai: {
    text: (parts) => parts.map(({ choices }) => choices[0]?.delta.content ?? '').join(''),
    isDone: ({ data }) => data === '[DONE]',
    isError: ({ type, data }) => type === undefined && JSON.parse(data).error.type === 'server_error',
    request: 'x-request-id',
    whole: ({ choices }) => choices[0].message.content,
    key: (key) => ({ authorization: `Bearer ${key}` }),
  },
  anthropic: {
    text: (parts) => parts.map(({ delta }) => delta?.text ?? '').join(''),
    isDone: ({ type }) => type === 'message_stop',
    isError: ({ type, data }) => type === 'error' && JSON.parse(data).error.type === 'overloaded_error',
    request: 'request-id',
    whole: ({ content }) => content[0].text,
    key: (key) => ({ 'x-api-key': key, 'anthropic-version': '2023-06-01' }),
  },
};

export async function models(origin) {
  await Promise.all(Object.entries(protocols).map(([name, protocol]) => shared(origin, name, protocol)));
  await openai(origin);
  await anthropic(origin);
}

async function shared(origin, name, protocol) {
  const address = (scenario, key, query = '') => `${origin}/${name}/${scenario}?key=${key}${query}`;
  const ask = async (scenario, query, { key = token(), body = question, headers } = {}) => ({
    ...await read(await post(address(scenario, key, query), body, headers)), key,
  });

  await test(`${name}: an answer is a stream of the canned text, and the server tells what it was asked`, async () => {
    const { status, headers, events, bytes, error, key } = await ask('plain', '', { headers: { 'x-mine': 'yes' } });
    assert.equal(error, undefined);
    assert.equal(status, 200);
    assert.match(headers.get('content-type'), /^text\/event-stream/);
    assert.equal(headers.get(protocol.request), `req_${key}_1`);
    assert.equal(protocol.text(json(events)), text);
    assert.equal(events.findIndex(protocol.isDone), events.length - 1);
    const told = await settled(origin, key);
    assert.equal(told.headers['x-mine'], 'yes');
    await tells(origin, key, { method: 'POST', body: question, status: 200, state: 'ended', left: false });
    await tells(origin, key, { bytes: bytes.length, events: events.length });
    assert.equal((await asked(origin, key)).count, 1);
  });

  await test(`${name}: bytes are cut inside characters and between CR and LF`, async () => {
    const { pieces, events } = await ask('plain', '&eol=crlf');
    const cutAt = (holds) => pieces.slice(1).some((piece, n) => holds(pieces[n].at(-1), piece[0]));
    assert.ok(cutAt((before, after) => before >= 0xc2 && after >= 0x80 && after < 0xc0), 'no character was cut');
    assert.ok(cutAt((before, after) => before === 13 && after === 10), 'no CR LF was cut');
    assert.equal(protocol.text(json(events)), text);
  });

  await test(`${name}: pieces are events, bytes, or all at once, when the URL says so`, async () => {
    const byEvent = await ask('plain', '&chunk=event&pause=4');
    assert.ok(byEvent.pieces.every((piece) => piece.toString().endsWith('\n\n')));
    const small = await ask('ended', '&chunk=7&after=1&pause=2');
    assert.ok(small.pieces.length > small.bytes.length / 14, `${small.pieces.length} pieces`);
    const whole = await ask('plain', '&chunk=all&pause=0&eol=cr');
    assert.ok(whole.pieces.length <= 2, `${whole.pieces.length} pieces`);
    assert.ok(!whole.text.includes('\n'));
    assert.equal(protocol.text(json(whole.events)), text);
  });

  await test(`${name}: an answer is as long as it should be`, async () => {
    const { events } = await ask('plain', '&repeat=20&chunk=all&pause=0');
    assert.equal(protocol.text(json(events)), text.repeat(20));
  });

  await test(`${name}: an error comes in mid-stream, and the body ends without the end mark`, async () => {
    const { events, error, key } = await ask('error', '&after=4');
    assert.equal(error, undefined);
    assert.equal(events.length, 5);
    assert.ok(protocol.isError(events.at(-1)));
    await tells(origin, key, { state: 'ended', events: 5 });
  });

  for (const how of ['close', 'reset', 'short']) {
    await test(`${name}: the connection breaks inside an event (${how})`, async () => {
      const { events, text: sent, bytes, error, key } = await ask('cut', `&after=4&how=${how}`);
      assert.ok(error !== undefined, 'the body ended as if it were complete');
      assert.equal(events.length, 4);
      assert.match(sent.split('\n').at(-1), /^data: \{/);
      await tells(origin, key, { state: 'broken', left: false, events: 4, bytes: bytes.length });
    });
  }

  await test(`${name}: an answer ends without its end mark, early or with nothing else missing`, async () => {
    const early = await ask('ended', `&after=5${QUICK}`);
    assert.equal(early.error, undefined);
    assert.equal(early.events.length, 5);
    await tells(origin, early.key, { state: 'ended', events: 5 });
    const nearly = await ask('ended', `&after=1000${QUICK}`);
    assert.equal(protocol.text(json(nearly.events)), text);
    assert.ok(!nearly.events.some(protocol.isDone));
  });

  await test(`${name}: the connection stays open after the end mark until the client leaves, or in the middle`, async () => {
    const whole = (await ask('plain', QUICK)).events.length;
    for (const [scenario, count] of [['hang', whole], ['stall', 6]]) {
      const key = token();
      const aborter = new AbortController();
      const reading = read(await post(address(scenario, key, `&after=6${QUICK}`), question, {}, { signal: aborter.signal }));
      await until('all is sent', async () => (await asked(origin, key)).requests[0].events === count);
      await new Promise((resolve) => { setTimeout(resolve, 100); });
      const [{ state, left }] = (await asked(origin, key)).requests;
      assert.deepEqual([state, left], ['open', false]);
      aborter.abort();
      const { events, error } = await reading;
      assert.equal(error.name, 'AbortError');
      assert.deepEqual([events.length, events.some(protocol.isDone)], [count, scenario === 'hang']);
      await tells(origin, key, { state: 'left', left: true, events: count });
    }
  });

  await test(`${name}: it is too busy so many times, says when to come back, and then answers`, async () => {
    const key = token();
    const busy = `${QUICK}&times=2&retry-after=1&retry-after-ms=20&should-retry=true`;
    for (let n = 0; n < 2; n += 1) {
      const { status, headers, text: body } = await ask('busy', busy, { key });
      assert.equal(status, 429);
      assert.equal(headers.get('retry-after'), '1');
      assert.equal(headers.get('retry-after-ms'), '20');
      assert.equal(headers.get('x-should-retry'), 'true');
      assert.match(headers.get('content-type'), /^application\/json/);
      assert.ok(JSON.parse(body).error.message.length > 0);
    }
    const { status, events } = await ask('busy', busy, { key });
    assert.equal(status, 200);
    assert.ok(protocol.isDone(events.at(-1)));
    assert.deepEqual((await asked(origin, key)).requests.map((told) => told.status), [429, 429, 200]);
    const other = await ask('busy', '&status=503');
    assert.equal(other.status, 503);
    assert.equal(other.headers.get('retry-after'), null);
  });

  await test(`${name}: a list of scenarios is for one attempt after the other`, async () => {
    const key = token();
    const seen = [];
    for (let n = 0; n < 4; n += 1) {
      const { status, error, events } = await ask('busy,cut,plain', `&status=503${QUICK}`, { key });
      seen.push([status, error !== undefined, events.some(protocol.isDone)]);
    }
    assert.deepEqual(seen, [[503, false, false], [200, true, false], [200, false, true], [200, false, true]]);
    assert.deepEqual((await asked(origin, key)).requests.map(({ state }) => state), ['ended', 'broken', 'ended', 'ended']);
  });

  await test(`${name}: it refuses with a long body`, async () => {
    const { status, bytes } = await ask('bad', '');
    assert.equal(status, 400);
    assert.equal(bytes.length, 40 * 1024);
    assert.match(JSON.parse(bytes).error.message, /is impossible/);
    const short = await ask('bad', '&size=500&status=422');
    assert.deepEqual([short.status, short.bytes.length], [422, 500]);
  });

  await test(`${name}: it answers with JSON who did not ask for a stream, or when told to`, async () => {
    const { stream, ...unstreamed } = question;
    for (const [scenario, body] of [['plain', unstreamed], ['json', question], ['cut', { ...question, stream: false }]]) {
      const { status, headers, text: sent } = await ask(scenario, '', { body });
      assert.deepEqual([status, headers.get('content-type')], [200, 'application/json']);
      assert.equal(protocol.whole(JSON.parse(sent)), text);
    }
  });

  await test(`${name}: the first byte is late, while the headers are there`, async () => {
    const response = await post(address('late', token(), `&delay=300${QUICK}`), question);
    const began = performance.now();
    const reader = response.body.getReader();
    await reader.read();
    const waited = performance.now() - began;
    assert.ok(waited > 150, `it came after ${waited} ms`);
    await reader.cancel();
  });

  await test(`${name}: it wants to know who asks`, async () => {
    const key = token();
    assert.equal((await ask('auth', `&token=new${QUICK}`, { key, headers: protocol.key('old') })).status, 401);
    assert.equal((await ask('auth', `&token=new${QUICK}`, { key, headers: protocol.key('new') })).status, 200);
    assert.equal((await ask('auth', QUICK, { headers: protocol.key('sk-test') })).status, 200);
  });

  await test(`${name}: it takes nothing but a POST of JSON with what the format wants`, async () => {
    const key = token();
    const get = await fetch(address('plain', key));
    assert.deepEqual([get.status, get.headers.get('allow')], [405, 'POST']);
    assert.equal((await ask('plain', '', { body: 'no object' })).status, 400);
    assert.equal((await ask('plain', '', { body: { stream: true } })).status, 400);
    assert.equal((await ask('plain', '', { headers: { 'content-type': 'text/plain' } })).status, 400);
    assert.equal((await ask('nothing', '')).status, 404);
    assert.equal((await ask('plain,nothing', '')).status, 404);
    assert.equal((await ask('plain', '&afer=3')).status, 400);
    assert.equal((await ask('plain', '&after=x')).status, 400);
  });

  await test(`${name}: a client that does not read makes the server wait`, async () => {
    const key = token();
    const aborter = new AbortController();
    await post(address('plain', key, '&repeat=100000&chunk=all&pause=0'), question, {}, { signal: aborter.signal });
    let before = -1;
    const { bytes } = await until('the server waits', async () => {
      await new Promise((resolve) => { setTimeout(resolve, 100); });
      const [now] = (await asked(origin, key)).requests;
      const still = now.bytes === before;
      before = now.bytes;
      return still ? now : undefined;
    });
    assert.ok(bytes > 0 && bytes < 32 * 1024 * 1024, `${bytes} bytes`);
    aborter.abort();
    await tells(origin, key, { left: true, bytes });
  });
}

async function openai(origin) {
  const ask = async (scenario, body = question) => read(await post(`${origin}/openai/${scenario}?key=${token()}${QUICK}`, body));

  await test('openai: the last chunk has a finish_reason, and usage only who asked for it', async () => {
    const parts = json((await ask('plain')).events);
    assert.ok(parts.every(({ object }) => object === 'chat.completion.chunk'));
    assert.deepEqual(parts.map(({ choices }) => choices[0].finish_reason), [...Array(parts.length - 1).fill(null), 'stop']);
    assert.ok(parts.every((part) => !('usage' in part)));
    for (const answer of [await ask('usage'), await ask('plain', { ...question, stream_options: { include_usage: true } })]) {
      const counted = json(answer.events);
      assert.deepEqual(counted.at(-1).choices, []);
      assert.equal(counted.at(-1).usage.total_tokens, counted.at(-1).usage.prompt_tokens + counted.at(-1).usage.completion_tokens);
      assert.ok(counted.slice(0, -1).every(({ usage }) => usage === null));
    }
  });

  await test('openai: calls of tools come in pieces', async () => {
    const parts = json((await ask('tools')).events);
    const found = [];
    for (const call of parts.flatMap(({ choices }) => choices[0].delta.tool_calls ?? [])) {
      if (call.id !== undefined) found[call.index] = { name: call.function.name, arguments: '' };
      found[call.index].arguments += call.function.arguments;
    }
    assert.deepEqual(found, calls.map(({ name, pieces }) => ({ name, arguments: pieces.join('') })));
    assert.equal(JSON.parse(found[0].arguments).city, '東京');
    assert.equal(parts.at(-1).choices[0].finish_reason, 'tool_calls');
  });
}

async function anthropic(origin) {
  const ask = async (scenario) => (await read(await post(`${origin}/anthropic/${scenario}?key=${token()}${QUICK}`, question))).events;
  const types = (list) => list.map(({ type }) => type).filter((type, n, all) => type !== all[n - 1]);

  await test('anthropic: events have names, which their data repeats', async () => {
    const events = await ask('plain');
    assert.deepEqual(types(events), [
      'message_start', 'content_block_start', 'ping', 'content_block_delta', 'content_block_stop', 'message_delta', 'message_stop',
    ]);
    for (const { type, data } of events) assert.equal(JSON.parse(data).type, type);
  });

  await test('anthropic: thoughts, inputs of tools and names that nobody knows', async () => {
    const deltas = (list, type) => json(list).filter(({ delta }) => delta?.type === type).map(({ delta }) => delta);
    const thinking = await ask('thinking');
    assert.equal(deltas(thinking, 'thinking_delta').map((delta) => delta.thinking).join(''), thoughts.join(''));
    assert.equal(deltas(thinking, 'signature_delta').length, 1);
    assert.equal(protocols.anthropic.text(json(thinking)), text);

    const tools = await ask('tools');
    for (const [n, { pieces }] of calls.entries()) {
      const input = json(tools).filter(({ index, delta }) => index === n + 1 && delta !== undefined).map(({ delta }) => delta.partial_json);
      assert.equal(input.join(''), pieces.join(''));
    }

    const unknown = await ask('unknown');
    assert.ok(unknown.some(({ type }) => type === 'message_mood') && unknown.some(({ type }) => type === 'content_block_hint'));
    assert.equal(protocols.anthropic.text(json(unknown)), text);
  });
}
