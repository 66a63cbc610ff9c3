// One request with its response: CORS, the body, what is written and how it ends.

import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { entry, note } from './asked.js';
import { oneOf, Refusal } from './parameters.js';

const MOST_BODY = 1024 * 1024;
/** A reset discards what the other side has not yet received. */
const BEFORE_RESET = 20;
/** So many bytes more than come are announced by the last chunk of the transfer encoding when a body ends `short`. */
const MISSING = 64;

/**
 * How a connection breaks: closed between two chunks of the transfer encoding (WebKitGTK takes that for the end), reset, or
 * closed inside of a chunk.
 */
export const how = oneOf('close', 'reset', 'short');

const EXPOSED = [
  'Retry-After', 'Retry-After-Ms', 'X-Should-Retry', 'X-Request-Id', 'Request-Id', 'Mcp-Session-Id', 'Mcp-Protocol-Version',
  'WWW-Authenticate', 'X-Vercel-Ai-Ui-Message-Stream', 'OpenAI-Processing-Ms', 'X-RateLimit-Remaining-Requests', 'Allow', 'Date',
];

/** Any origin may ask, with and without credentials, and with whatever headers it likes. */
export function allow(request, response) {
  response.setHeader('access-control-allow-origin', request.headers.origin ?? '*');
  response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader('access-control-expose-headers', EXPOSED.join(', '));
  response.setHeader('vary', 'Origin');
  response.setHeader('cache-control', 'no-store');
}

export function preflight(request, response, key) {
  if (key !== null) entry(key).preflights += 1;
  response.setHeader('access-control-allow-methods', 'GET, POST, DELETE, PUT, PATCH');
  response.setHeader('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '*');
  response.setHeader('access-control-max-age', '600');
  response.writeHead(204).end();
}

async function bodyOf(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > MOST_BODY) throw new Refusal(413, `A body may have ${MOST_BODY} bytes.`, { connection: 'close' });
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

/** Counts the events (blocks with data) in bytes that come in any pieces. */
function eventCounter() {
  let begin = '';
  let data = false;
  let afterCr = false;
  let events = 0;
  return (bytes) => {
    for (const byte of bytes) {
      const second = afterCr && byte === 10;
      afterCr = byte === 13;
      if (second) continue;
      if (byte !== 10 && byte !== 13) {
        if (begin.length < 5) begin += String.fromCharCode(byte);
      } else {
        if (begin === '') {
          if (data) events += 1;
          data = false;
        } else if (begin === 'data:' || begin === 'data') {
          data = true;
        }
        begin = '';
      }
    }
    return events;
  };
}

const bytesOf = (chunk, encoding) => (typeof chunk === 'string' ? Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8') : chunk);

/** A request whose body has been read, and its response, of which `/asked` tells. */
export class Exchange {
  #write;
  #cut;

  /** Reads the request's body and notes it under its key. */
  static async begin(request, response, url, key) {
    const text = await bodyOf(request);
    let body = text === '' ? null : text;
    try {
      body = JSON.parse(text);
    } catch {
      // It is told as text.
    }
    return new Exchange(request, response, url, key, text, body);
  }

  constructor(request, response, url, key, text, body) {
    Object.assign(this, { request, response, url, key, text, body });
    this.told = note(key, request, url.pathname, text, body);
    this.known = entry(key);
    /** Which of the key's requests for this path it is, from 1. */
    this.attempt = this.known.paths.get(url.pathname);
    /** Aborted when the connection has gone, or the response is complete. */
    this.gone = new AbortController();
    this.#watch();
  }

  /** Other libraries write to the response too, so its own methods are wrapped. */
  #watch() {
    const { response, told } = this;
    const count = eventCounter();
    const write = response.write.bind(response);
    const end = response.end.bind(response);
    const account = (bytes) => {
      told.bytes += bytes.length;
      told.events = count(bytes);
    };
    this.#write = (bytes, ...rest) => {
      account(bytes);
      return write(bytes, ...rest);
    };
    response.write = (chunk, ...rest) => {
      const bytes = bytesOf(chunk, rest[0]);
      if (told.state === 'broken') return true;
      if (this.#cut !== undefined && told.events >= this.#cut.after) {
        this.breakOff(bytes.subarray(0, bytes.length / 2), this.#cut.how);
        return true;
      }
      return this.#write(bytes, ...rest);
    };
    response.end = (chunk, ...rest) => {
      if (told.state === 'broken') return response;
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) account(bytesOf(chunk, rest[0]));
      return end(chunk, ...rest);
    };
    response.once('close', () => {
      told.status = response.headersSent ? response.statusCode : null;
      if (told.state === 'open') told.state = response.writableFinished ? 'ended' : 'left';
      told.left = told.state === 'left';
      this.gone.abort();
    });
  }

  get over() {
    return this.gone.signal.aborted || this.told.state === 'broken';
  }

  /** After so many events the connection breaks in the middle of what is written next. */
  cutAfter(after, how) {
    this.#cut = { after, how };
  }

  cutNow(how) {
    this.cutAfter(0, how);
  }

  /** Writes these last bytes, and breaks the connection. */
  async breakOff(bytes, how) {
    const { response, told } = this;
    const { socket } = response;
    if (this.over || socket === null) return;
    // From here on nobody else writes.
    told.state = 'broken';
    if (how === 'short') {
      response.flushHeaders();
      await new Promise((resolve) => { setImmediate(resolve); });
      told.bytes += bytes.length;
      const head = `${(bytes.length + MISSING).toString(16)}\r\n`;
      await new Promise((resolve) => { socket.write(Buffer.concat([Buffer.from(head), bytes]), resolve); });
    } else {
      await new Promise((resolve) => { this.#write(bytes, resolve); });
    }
    if (how === 'reset') {
      await sleep(BEFORE_RESET);
      socket.resetAndDestroy();
    } else {
      socket.destroy();
    }
  }

  /** Writes, and waits for a client that does not read. */
  async write(bytes) {
    if (this.over || this.response.write(bytes)) return;
    await once(this.response, 'drain', { signal: this.gone.signal }).catch(() => {});
  }

  /** Waits, or until the connection has gone. */
  async wait(milliseconds) {
    if (!this.over) await sleep(milliseconds, undefined, { signal: this.gone.signal }).catch(() => {});
  }

  async untilGone() {
    if (!this.over) await new Promise((resolve) => { this.gone.signal.addEventListener('abort', resolve, { once: true }); });
  }

  json(status, value, headers = {}) {
    this.response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
  }
}
