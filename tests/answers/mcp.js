// The Model Context Protocol's "Streamable HTTP", 2025-11-25, as its own SDK serves it: sessions, and events that are kept so
// that a client can go on with them. What a client has to know, read in the SDK (1.32) and shown by checks/mcp.js:
//
// - `initialize` is a POST without a session. Its answer names one in the header `Mcp-Session-Id`; every request after it has
//   to send that, and `MCP-Protocol-Version` (without it this server takes the client for one of 2025-03-26). A session that is
//   unknown is 404, a missing one 400, and the client begins anew.
// - A POST accepts `application/json, text/event-stream` (406 otherwise). A request is answered with a stream, or with JSON
//   where the server prefers that; a notification is 202 without a body.
// - The first event of a POST's stream has an id and empty data (and no `event:`), and `retry:` if the server has a wish; it
//   is sent only to clients that say version 2025-11-25. It is there to give the client a place to go on from, and an
//   EventSource that drops events without data has to take the id all the same. The data is `data: ` and not absent, so by
//   the HTML Standard it is a message whose data is ''. All further events are `event: message` with an id and JSON.
// - A stream that ends or breaks before the response (the message with the request's id) has been read is resumed: after
//   `retry` ms by a GET of the same URL with `Last-Event-ID`, which replays what came after on that stream and follows it.
//   The POST is never made again. The SDK's client resumes after a clean end as after a break, waits `retry` where it has
//   been told, else 1 s growing by 1.5 each time, and by default gives up after the second attempt in a row that fails.
// - The response ends it: after it the server closes a POST's stream, and one that was resumed before the response was made.
//   One that is resumed after that replays the response and then stays open, with a comment every 15 s (seen here): there
//   only the client can know that it is complete.
// - An id the server does not know is 400. A stream that still has a reader is 409, if the store tells whose stream an id is
//   (as this one does): so after a break a client may come before the server has noticed, and has to try again.
// - A GET without `Last-Event-ID` opens the session's one stream for what the server says unasked (409 if it is open
//   already). It has no first event with an id, and no end. Servers without it answer 405, and that is no error.
// - DELETE ends a session.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';

import { number, oneOf } from './parameters.js';

const MOST_SESSIONS = 200;
const MOST_EVENTS = 1000;
const IDLE = 10 * 60_000;

const parameters = {
  /** How requests are answered: with streams, or with JSON. */
  answers: oneOf('stream', 'json'),
  /** What the first event says as `retry:`. */
  retry: number(0, 60_000, 50),
  /** Whether events are kept; without, no stream can be resumed, and none begins with an id. */
  store: oneOf('yes', 'no'),
};

/** The newest events of a session. Ids say whose stream they are and count within the session. */
class Store {
  #events = new Map();
  #count = 0;

  async storeEvent(stream, message) {
    this.#count += 1;
    const id = `${stream}_${this.#count}`;
    this.#events.set(id, { stream, message });
    if (this.#events.size > MOST_EVENTS) this.#events.delete(this.#events.keys().next().value);
    return id;
  }

  async getStreamIdForEventId(id) {
    return this.#events.get(id)?.stream;
  }

  async replayEventsAfter(last, { send }) {
    const { stream } = this.#events.get(last);
    let after = false;
    for (const [id, event] of [...this.#events]) {
      // A stream's first event is stored as a message without members, and is none.
      if (after && event.stream === stream && event.message.jsonrpc !== undefined) await send(id, event.message);
      after ||= id === last;
    }
    return stream;
  }
}

/** By their ids, the one used last at the end. */
const sessions = new Map();

setInterval(() => {
  for (const { transport, used } of sessions.values()) {
    if (Date.now() - used > IDLE) transport.close();
  }
}, 30_000).unref();

class Session {
  used = Date.now();
  /** The exchanges of requests that are being answered, for tools that break them. */
  requests = new Map();

  static async open({ answers, retry, store }) {
    const session = new Session();
    session.transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      enableJsonResponse: answers === 'json',
      eventStore: store === 'yes' ? new Store() : undefined,
      retryInterval: retry,
      onsessioninitialized(id) {
        sessions.set(id, session);
        if (sessions.size > MOST_SESSIONS) sessions.values().next().value.transport.close();
      },
    });
    session.server = server(session);
    session.server.server.onclose = () => sessions.delete(session.transport.sessionId);
    await session.server.connect(session.transport);
    return session;
  }

  handle(exchange) {
    const { request, response, body } = exchange;
    this.used = Date.now();
    if (body?.id !== undefined && body.method !== undefined) {
      this.requests.set(body.id, exchange);
      response.once('close', () => this.requests.delete(body.id));
    }
    return this.transport.handleRequest(request, response, body ?? undefined);
  }
}

const steps = z.number().int().min(1).max(1000).default(4).describe('of how many notifications');
const pause = z.number().int().min(0).max(10_000).default(20).describe('before each, in ms');
const text = (text) => ({ content: [{ type: 'text', text }] });

/** Tells how far a tool is, as a request that gave a token for it wants it, else in a log message; both belong to the request. */
function progress({ _meta, sendNotification }, n, total) {
  const progressToken = _meta?.progressToken;
  return sendNotification(progressToken === undefined
    ? { method: 'notifications/message', params: { level: 'info', data: `${n} of ${total}` } }
    : { method: 'notifications/progress', params: { progressToken, progress: n, total } });
}

/** The tools of a session. */
function server(session) {
  const mcp = new McpServer({ name: 'answers', version: '1.0.0' }, { capabilities: { logging: {} } });

  mcp.registerTool('echo', { description: 'Says what it was told', inputSchema: { text: z.string() } }, ({ text: said }) => text(said));

  async function work({ steps: total, pause: each }, extra, between) {
    for (let n = 1; n <= total; n += 1) {
      await sleep(each);
      await progress(extra, n, total);
      await between(n);
    }
    await sleep(each);
    return text(`did ${total} steps`);
  }

  mcp.registerTool('slow', {
    description: 'Tells of its progress; the server ends the stream after some steps, and the client comes back for the rest',
    inputSchema: { steps, pause, end: z.array(z.number().int()).default([2]).describe('after which steps') },
  }, (input, extra) => work(input, extra, (n) => {
    // Missing for clients of older versions, and where no events are kept.
    if (input.end.includes(n)) extra.closeSSEStream?.();
  }));

  mcp.registerTool('break', {
    description: 'Tells of its progress; the connection breaks in the middle of what follows after some steps',
    inputSchema: {
      steps,
      pause,
      after: z.number().int().min(0).default(2).describe('how many notifications'),
      how: z.enum(['close', 'reset', 'short']).default('close'),
    },
  }, (input, extra) => {
    const cut = (n) => {
      if (n === input.after) session.requests.get(extra.requestId)?.cutNow(input.how);
    };
    cut(0);
    return work(input, extra, cut);
  });

  mcp.registerTool('announce', {
    description: 'Tells something on the session\'s own stream, which a client opens with GET',
    inputSchema: { count: z.number().int().min(1).max(1000).default(1) },
  }, async ({ count }) => {
    for (let n = 1; n <= count; n += 1) {
      await mcp.server.notification({ method: 'notifications/message', params: { level: 'info', data: `announcement ${n}` } });
    }
    return text(`announced ${count}`);
  });

  return mcp;
}

const failure = (exchange, status, code, message) => exchange.json(status, { jsonrpc: '2.0', error: { code, message }, id: null });

export async function mcp(exchange, _, parse) {
  const query = parse(parameters);
  const { request, body, text: sent } = exchange;
  if (request.method === 'POST' && (typeof body !== 'object' || body === null)) {
    return failure(exchange, 400, -32700, `Parse error: ${sent.length} characters are no JSON message`);
  }
  const id = request.headers['mcp-session-id'];
  const session = sessions.get(id) ?? (id === undefined && isInitializeRequest(body) ? await Session.open(query) : undefined);
  if (session !== undefined) return session.handle(exchange);
  return id === undefined
    ? failure(exchange, 400, -32000, 'Bad Request: Mcp-Session-Id header is required')
    : failure(exchange, 404, -32001, 'Session not found');
}
