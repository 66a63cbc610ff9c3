// A better-sse server whose events are numbered, as plain_sse.rs has them: `node better-sse.js PORT`.
//
// GET /events?count=40&interval=20&oldest=0: numbers, the odd ones as events "tick"; it goes on after the id that the client has. Who
// asks for what is older than `oldest` gets an event "gap", then what there is.

import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const { createSession } = createRequire(new URL('../upstream/', import.meta.url))('better-sse');

async function serve(request, response) {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-allow-headers', 'last-event-id');
  if (request.method === 'OPTIONS') return void response.writeHead(204).end();
  const query = new URL(request.url, 'http://127.0.0.1').searchParams;
  const value = (name, usual) => Number(query.get(name) ?? usual);
  // It reads the header only; its own parameter for polyfills is `evs_last_event_id`.
  const session = await createSession(request, response, { keepAlive: null, retry: null });
  const last = session.lastId || query.get('lastEventId');
  let next = last ? Number(last) + 1 : 0;
  const oldest = value('oldest', 0);
  if (last && next < oldest) {
    session.push(`${next} to ${oldest - 1} are no longer kept`, 'gap');
    next = oldest;
  }
  for (; next < value('count', 40) && session.isConnected; next += 1) {
    session.push(next, next % 2 === 1 ? 'tick' : 'message', String(next));
    await sleep(value('interval', 20));
  }
}

createServer(serve).listen(Number(process.argv[2]), '127.0.0.1');
