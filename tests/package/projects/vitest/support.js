import { once } from 'node:events';
import { createServer } from 'node:http';

import { onTestFinished, vi } from 'vitest';

/** Waits until a check holds. */
export const eventually = (check) => vi.waitFor(check, { timeout: 10_000, interval: 10 });

/** Answers requests with `answer` until the test is over; gives the server's address and who reads it. */
export async function serve(answer) {
  const asked = [];
  const reading = new Set();
  const server = createServer((request, response) => {
    asked.push(request.headers);
    reading.add(response);
    response.on('close', () => reading.delete(response));
    answer(response, asked.length, request.headers['last-event-id']);
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}/events`, asked, reading };
}

/** Sends messages with a number each, and leaves the stream open. */
export function stream(response, ...numbers) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(`retry: 1\n\n${numbers.map((n) => `id: ${n}\ndata: ${n}\n\n`).join('')}`);
}
