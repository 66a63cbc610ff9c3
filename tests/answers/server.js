// Servers whose answers stream, for the tests of clients: `node tests/answers/server.js` prints its address, on a port of its
// own. README.md has the routes. It ends when the process that started it has gone, and after three hours.

import { createServer } from 'node:http';

import { anthropic } from './anthropic.js';
import { asked } from './asked.js';
import { chat } from './chat.js';
import { allow, Exchange, preflight } from './exchange.js';
import { graphql } from './graphql.js';
import { mcp } from './mcp.js';
import { openai } from './openai.js';
import { parse, Refusal } from './parameters.js';

const LIFE = 3 * 3_600_000;
/** Longer than any browser keeps a connection: a request on one that is just being closed would fail. */
const KEEP_ALIVE = 10 * 60_000;

/**
 * By the path's first part: what answers, given the exchange, the path's other parts and how to read the query; and how many
 * other parts there are, at least and at most.
 */
const routes = new Map([
  ['openai', [openai, 1, 1]],
  ['anthropic', [anthropic, 1, 1]],
  ['chat', [chat, 0, 2]],
  ['mcp', [mcp, 0, 0]],
  ['graphql', [graphql, 0, 0]],
  ['asked', [null, 0, 0]],
]);

async function serve(request, response) {
  const url = new URL(request.url, 'http://127.0.0.1');
  const key = url.searchParams.get('key');
  allow(request, response);
  if (request.method === 'OPTIONS') return preflight(request, response, key);

  const [name, ...parts] = url.pathname.slice(1).split('/');
  const [answer, least, most] = routes.get(name) ?? [];
  if (!(parts.length >= least && parts.length <= most)) {
    throw new Refusal(404, 'There are /openai/SCENARIO, /anthropic/SCENARIO, /chat, /chat/ID/stream, /mcp, /graphql and /asked.');
  }
  if (!/^[\w.-]{1,100}$/.test(key ?? '')) {
    throw new Refusal(400, 'Every request needs a `key` in its query, made up by the test: letters, digits, ".", "-", "_".');
  }
  if (name === 'asked') {
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(asked(key)));
  }
  const exchange = await Exchange.begin(request, response, url, key);
  return answer(exchange, parts, (table) => parse(url.searchParams, table));
}

const server = createServer({ keepAliveTimeout: KEEP_ALIVE }, async (request, response) => {
  try {
    await serve(request, response);
  } catch (error) {
    if (!(error instanceof Refusal)) console.error(error);
    if (response.headersSent) return void response.destroy();
    const { status = 500, message, headers } = error;
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(`${message}\n`);
  }
});

server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));

const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit();
}, 500);
setTimeout(() => process.exit(), LIFE);
