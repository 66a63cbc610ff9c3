// plain.mjs with better-sse's sessions.
import { createServer } from 'node:http';
import { createSession } from 'better-sse';

const server = createServer(async (request, response) => {
  const interval = parseInt(new URL(request.url, 'http://localhost').searchParams.get('interval'));
  const session = await createSession(request, response);
  const send = (due) => session.push('12:00:00 AM', 'message', `${Math.round(due)}-0`);
  if (interval === 0) {
    const burst = () => { do send(Date.now()); while (!response.writableNeedDrain); };
    response.on('drain', burst);
    burst();
    return;
  }
  let due = Date.now();
  send(due);
  const timer = setInterval(() => {
    // A Node timer is due one interval after it fired last.
    send(due + interval);
    due = Date.now();
  }, interval);
  session.once('disconnected', () => clearInterval(timer));
});

server.listen(0, '127.0.0.1', () => console.log(`127.0.0.1:${server.address().port}`));
process.stdin.on('end', () => process.exit()).resume();
