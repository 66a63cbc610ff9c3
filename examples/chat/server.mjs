// The chat's server: answers questions, and serves the page that `npm run build` makes.
//
//   POST /chat              {"id", "messages"}: starts the answer with this id, which the page has made up, and streams it
//   GET /chat/ID/stream     streams it from the beginning, or after the event that Last-Event-ID names
//   DELETE /chat/ID         stops it
//
// The stream has the format of the AI SDK (https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol), and besides an id for each event.

import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

import { generate } from './model.mjs';

/** Milliseconds between two tokens. */
const PACE = Number(process.env.PACE ?? 25);
/** For how many milliseconds an answer is made for nobody: who has lost the connection, or reloads the page, comes back soon. */
const ABANDONED = Number(process.env.ABANDONED ?? 10_000);
/** For how many milliseconds an answer that is over can be asked for. */
const KEPT = 60_000;
/** After so many tokens the model fails, or the connection breaks, if that is asked for. */
const MIDDLE = 20;
/** The most bytes that a request's body may have. */
const MOST_BYTES = 1024 * 1024;

const STREAM = {
  'content-type': 'text/event-stream',
  // `no-transform`: a proxy that compresses would hold tokens back until there are enough of them.
  'cache-control': 'no-cache, no-transform',
  // The same, for nginx.
  'x-accel-buffering': 'no',
  'x-vercel-ai-ui-message-stream': 'v1',
};

/** Answers by their ids. */
const answers = new Map();
/** Ids for which a model that is busy at first has been asked. */
const refused = new Set();

/** An answer that is being made. It does not depend on a connection: those come and go. */
class Answer {
  #id;
  #events = [];
  #readers = new Set();
  #controller = new AbortController();
  #timer;
  #isOver = false;

  constructor(id, messages, fault) {
    this.#id = id;
    this.#make(messages, fault);
  }

  async #make(messages, fault) {
    this.#send({ type: 'start', messageId: this.#id });
    this.#send({ type: 'text-start', id: 'text' });
    let tokens = 0;
    let end = 'complete';
    try {
      const most = fault === 'error' ? MIDDLE : undefined;
      for await (const delta of generate(messages, { pace: PACE, signal: this.#controller.signal, most })) {
        this.#send({ type: 'text-delta', id: 'text', delta });
        tokens += 1;
        if (fault === 'break' && tokens === MIDDLE) this.#readers.forEach((response) => response.socket?.destroy());
      }
      this.#send({ type: 'text-end', id: 'text' });
      this.#send({ type: 'finish' });
    } catch (error) {
      end = error.name === 'AbortError' ? 'stopped' : 'failed';
      this.#send(end === 'stopped' ? { type: 'abort' } : { type: 'error', errorText: error.message });
    }
    this.#write('[DONE]');
    this.#isOver = true;
    for (const response of this.#readers) response.end();
    console.log(`answer ${this.#id}: ${end} after ${tokens} tokens`);
    clearTimeout(this.#timer);
    setTimeout(() => answers.delete(this.#id), KEPT).unref();
  }

  #send(part) {
    this.#write(JSON.stringify(part));
  }

  #write(data) {
    const event = `id: ${this.#events.length + 1}\ndata: ${data}\n\n`;
    this.#events.push(event);
    for (const response of this.#readers) response.write(event);
  }

  /** Streams what there is after the event with this id, then what comes. */
  stream(response, lastEventId) {
    const seen = Number(lastEventId);
    response.writeHead(200, STREAM);
    // An id that this answer does not have is no reason to give none: it is sent from its beginning, and the page sees that (`start`).
    response.write(this.#events.slice(seen > 0 && seen <= this.#events.length ? seen : 0).join(''));
    if (this.#isOver) {
      response.end();
      return;
    }
    clearTimeout(this.#timer);
    this.#readers.add(response);
    response.on('close', () => {
      this.#readers.delete(response);
      if (this.#readers.size === 0 && !this.#isOver) this.#timer = setTimeout(() => this.stop(), ABANDONED);
    });
  }

  stop() {
    this.#controller.abort();
  }
}

async function start(request, response) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > MOST_BYTES) return refuse(response, 413, 'This conversation is too long.');
  }
  const { id, messages, fault } = JSON.parse(text);
  if (typeof id !== 'string' || !Array.isArray(messages)) return refuse(response, 400, 'The body needs an id, and messages.');
  if (fault === 'down') return refuse(response, 503, 'The model is down.');
  if (fault === 'busy' && !refused.has(id)) {
    refused.add(id);
    return refuse(response, 429, 'The model is busy.', { 'retry-after': '1' });
  }
  refused.delete(id);
  // A request that was lost on its way back is made again: the answer to it is still the same one.
  if (!answers.has(id)) answers.set(id, new Answer(id, messages, fault));
  answers.get(id).stream(response, 0);
}

function refuse(response, status, why, headers = {}) {
  response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(why);
}

const pathOf = ({ url }) => url.split('?', 1)[0];

/** Takes a request for /chat; says whether it is one. */
export function handle(request, response) {
  const path = pathOf(request);
  const [, root, id, action] = path.split('/');
  if (root !== 'chat') return false;
  response.on('close', () => {
    console.log(`${request.method} ${path} ${response.statusCode}${response.writableFinished ? '' : ', which did not reach its end'}`);
  });
  const answer = answers.get(id);
  const route = `${request.method} ${[root, id && 'ID', action].filter(Boolean).join('/')}`;
  if (route === 'POST chat') {
    start(request, response).catch((error) => refuse(response, 400, error.message));
  } else if (answer === undefined) {
    refuse(response, 404, 'The server has no such answer any more.');
  } else if (route === 'GET chat/ID/stream') {
    answer.stream(response, request.headers['last-event-id'] ?? 0);
  } else if (route === 'DELETE chat/ID') {
    answer.stop();
    response.writeHead(204).end();
  } else {
    refuse(response, 405, 'There are POST /chat, GET /chat/ID/stream and DELETE /chat/ID.');
  }
  return true;
}

const TYPES = { '.css': 'text/css', '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.wasm': 'application/wasm' };
const DIST = fileURLToPath(new URL('dist', import.meta.url));
const files = new Set(existsSync(DIST) ? readdirSync(DIST, { recursive: true }).map((name) => name.replaceAll(sep, '/')) : []);

/** Serves a file of the page. */
function serve(request, response) {
  const path = pathOf(request);
  const name = path === '/' ? 'index.html' : path.slice(1);
  const type = TYPES[extname(name)];
  if (type === undefined || !files.has(name)) return refuse(response, 404, 'No such file.');
  response.writeHead(200, { 'content-type': type });
  createReadStream(join(DIST, name)).pipe(response);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = createServer((request, response) => handle(request, response) || serve(request, response));
  server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
}
