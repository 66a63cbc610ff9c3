// Runs snippets of the README against the servers of tests/answers (ANSWERS), which stand in for those that the snippets name.

import { afterEach, expect, test, vi } from 'vitest';

const answers = process.env.ANSWERS;
const { fetch } = globalThis;

const texts = import.meta.glob('../readme/npm-*.ts', { query: '?raw', import: 'default', eager: true });
const modules = import.meta.glob('../readme/npm-*.ts');

/** Imports the only snippet that has this. */
function run(part) {
  const found = Object.keys(texts).filter((path) => texts[path].includes(part));
  expect(found.length, `snippets with ${part}`).toBe(1);
  return modules[found[0]]();
}

/** Has these servers answer what the page asks for: `to` gives path and query for a path; `edit` changes what is sent. */
function served(to, edit = (body) => body) {
  const key = crypto.randomUUID();
  vi.stubGlobal('fetch', async (given, init) => {
    const request = new Request(given, init);
    const { method, headers, signal } = request;
    const path = to(new URL(request.url).pathname);
    const body = method === 'POST' ? edit(await request.text()) : null;
    return fetch(`${answers}${path}${path.includes('?') ? '&' : '?'}key=${key}`, { method, headers, signal, body });
  });
  return { asked: async () => (await (await fetch(`${answers}/asked?key=${key}`)).json()).requests };
}

/** What the snippets take for granted. */
function given(names) {
  const shown = [];
  const all = { output: { append: (text) => shown.push(text) }, model: 'm', question: 'Why?', ...names };
  for (const [name, value] of Object.entries(all)) vi.stubGlobal(name, value);
  return shown;
}

afterEach(() => vi.unstubAllGlobals());

const TEXT = /^.{20,}$/s;

test('the answer in OpenAI\'s format comes piece by piece, and a busy server is asked again', async () => {
  const { asked } = served(() => '/openai/busy?times=2&retry-after=0');
  given();
  const { answer } = await run('/v1/chat/completions');
  const pieces = [];
  for await (const text of answer('Why?', new AbortController().signal)) pieces.push(text);
  expect(pieces.join('')).toMatch(TEXT);
  expect((await asked()).map(({ status }) => status)).toEqual([429, 429, 200]);
});

test('it says what the server says in mid-stream, and that it broke off', async () => {
  given();
  const { answer } = await run('/v1/chat/completions');
  const read = async () => { for await (const text of answer('Why?', new AbortController().signal)) void text; };
  const failing = served(() => '/openai/error');
  await expect(read()).rejects.toThrow('The server had an error while it answered.');
  const broken = served(() => '/openai/cut?how=reset');
  await expect(read()).rejects.toMatchObject({ name: 'DisconnectedError' });
  expect([(await failing.asked()).length, (await broken.asked()).length]).toEqual([1, 1]);
});

test('it is cancelled by its signal, and by leaving the loop', async () => {
  given();
  const { answer } = await run('/v1/chat/completions');
  const left = ({ asked }) => vi.waitFor(async () => expect((await asked())[0].state).toBe('left'), { timeout: 10_000, interval: 20 });
  let server = served(() => '/openai/stall');
  for await (const text of answer('Why?', new AbortController().signal)) {
    void text;
    break;
  }
  await left(server);
  server = served(() => '/openai/stall');
  const shown = given({ answer, stopButton: {} });
  const over = run('stopButton.onclick');
  await vi.waitFor(() => expect(shown.length).toBeGreaterThan(1));
  globalThis.stopButton.onclick();
  await over;
  await left(server);
});

test('the answer in Anthropic\'s format is read to message_stop', async () => {
  const { asked } = served(() => '/anthropic/unknown');
  const shown = given();
  await run('/v1/messages');
  expect(shown.join('')).toMatch(TEXT);
  expect((await asked()).length).toBe(1);
});

test('a chat that breaks off is resumed', async () => {
  const id = crypto.randomUUID();
  const { asked } = served((path) => `${path.replace('/api', '')}${path.endsWith('/stream') ? '' : '?how=reset&pace=5&break=4&keep=9000'}`);
  const shown = given({ id, messages: [] });
  await run('/api/chat');
  const text = ['text-start', ...Array(19).fill('text-delta'), 'text-end'];
  expect(shown.map((data) => JSON.parse(data).type)).toEqual(['start', 'start-step', ...text, 'finish-step', 'finish']);
  expect((await asked()).map(({ method, headers }) => [method, headers['last-event-id']])).toEqual([['POST', undefined], ['GET', '1-4']]);
});

test('a tool of MCP is called, whose stream the server ends in between', async () => {
  const slow = { name: 'slow', arguments: { steps: 4, end: [2] }, _meta: { progressToken: 1 } };
  const { asked } = served(() => '/mcp', (body) => {
    const message = JSON.parse(body);
    // The server has no tool for searching.
    return JSON.stringify(message.params?.name === 'search' ? { ...message, params: slow } : message);
  });
  const post = (message, session) => globalThis.fetch('http://localhost/mcp', {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json', Accept: 'application/json, text/event-stream',
      ...(session && { 'Mcp-Session-Id': session, 'Mcp-Protocol-Version': '2025-11-25' }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
  });
  const opened = await post({
    id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'tests', version: '1' } },
  });
  const session = opened.headers.get('Mcp-Session-Id');
  await opened.text();
  await post({ method: 'notifications/initialized' }, session);
  given({ session, query: '水' });
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await run('tools/call');
  const messages = log.mock.calls.map(([message]) => message);
  log.mockRestore();
  expect(messages.slice(0, -1).map(({ params }) => params.progress)).toEqual([1, 2, 3, 4]);
  expect(messages.at(-1)).toMatchObject({ id: 1 });
  expect((await asked()).map(({ method }) => method)).toEqual(['POST', 'POST', 'POST', 'GET']);
});
