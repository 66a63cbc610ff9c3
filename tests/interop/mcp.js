// The stream that an MCP server has for what it says unasked (GET), by its SDK, without sessions and with an event store in files, so
// that streams outlive the process: `node mcp.js PORT FILES`. GET /mcp?key=NAME&count=40 tells numbers; `key` names the stream.

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const require = createRequire(new URL('../answers/', import.meta.url));
const { StreamableHTTPServerTransport } = require('@modelcontextprotocol/sdk/server/streamableHttp.js');

const [port, files] = process.argv.slice(2);

class Store {
  constructor(key) {
    this.file = `${files}-${key}`;
    const lines = existsSync(this.file) ? readFileSync(this.file, 'utf8').split('\n').filter(Boolean) : [];
    this.events = lines.map((line) => JSON.parse(line));
  }

  #place(id) { return this.events.findIndex((event) => event.id === id); }

  async storeEvent(stream, message) {
    const event = { id: `${stream}_${this.events.length}`, stream, message };
    this.events.push(event);
    appendFileSync(this.file, `${JSON.stringify(event)}\n`);
    return event.id;
  }

  async getStreamIdForEventId(id) { return this.events[this.#place(id)]?.stream; }

  async replayEventsAfter(id, { send }) {
    for (const event of this.events.slice(this.#place(id) + 1)) await send(event.id, event.message);
    return this.events[this.#place(id)].stream;
  }
}

async function serve(request, response) {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-allow-headers', '*');
  if (request.method === 'OPTIONS') return void response.writeHead(204).end();
  const query = new URL(request.url, 'http://127.0.0.1').searchParams;
  // For the browser's own EventSource, whose new connections can't have headers.
  const last = query.get('lastEventId');
  if (last && request.headers['last-event-id'] === undefined) {
    request.headers['last-event-id'] = last;
    request.rawHeaders.push('Last-Event-ID', last);
  }
  const store = new Store(query.get('key'));
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, eventStore: store });
  await transport.start();
  response.on('close', () => transport.close());
  const handled = transport.handleRequest(request, response);
  handled.catch(() => response.destroy());
  // It is handled when the stream is over. What is said before there is one would be stored and not sent.
  while (!response.headersSent) await sleep(5);
  for (let n = store.events.length; n < Number(query.get('count')) && !response.destroyed && !response.writableEnded; n += 1) {
    await transport.send({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: n } });
    await sleep(20);
  }
}

createServer((request, response) => serve(request, response).catch((error) => { console.error(error); response.destroy(); }))
  .listen(Number(port), '127.0.0.1');
