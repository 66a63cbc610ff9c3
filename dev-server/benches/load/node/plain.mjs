// The usual server of a few lines, and what the measurement asks of it: ids that say when an event was due
// (less the delay), the pace from the query, bursts that wait for the reader, an address on stdout and an end with stdin.
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  const query = new URL(request.url, 'http://localhost').searchParams;
  const [interval, delay] = [parseInt(query.get('interval')), parseInt(query.get('delay'))];
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache', Connection: 'keep-alive' });
  response.flushHeaders();
  const send = (due) => response.write(`id: ${Math.round(due - delay)}-0\ndata: 12:00:00 AM\n\n`);
  if (interval === 0) {
    const burst = () => { while (send(Date.now())); };
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
  request.on('close', () => { clearTimeout(first); clearInterval(timer); });
});

server.listen(0, '127.0.0.1', () => console.log(`127.0.0.1:${server.address().port}`));
process.stdin.on('end', () => process.exit()).resume();
