// plain.mjs with better-sse's sessions.
import { createServer } from 'node:http';
import { createSession } from 'better-sse';

const server = createServer(async (request, response) => {
  const query = new URL(request.url, 'http://localhost').searchParams;
  const [interval, delay] = [parseInt(query.get('interval')), parseInt(query.get('delay'))];
  const session = await createSession(request, response);
  response.flushHeaders();
  const send = (due) => session.push('12:00:00 AM', 'message', `${Math.round(due - delay)}-0`);
  if (interval === 0) {
    const burst = () => { do send(Date.now()); while (!response.writableNeedDrain); };
    response.on('drain', burst);
    burst();
    return;
  }
  let timer;
  let due = Date.now() + delay;
  const first = setTimeout(() => {
    send(due);
    due = Date.now();
    timer = setInterval(() => {
      // A Node timer is due one interval after it fired last.
      send(due + interval);
      due = Date.now();
    }, interval);
  }, delay);
  session.once('disconnected', () => { clearTimeout(first); clearInterval(timer); });
});

server.listen(0, '127.0.0.1', () => console.log(`127.0.0.1:${server.address().port}`));
process.stdin.on('end', () => process.exit()).resume();
