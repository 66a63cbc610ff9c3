import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timeline, explain } from '../../console/timeline.js';

test('a state says its attempt, status, wait and cause', () => {
  const timeline = new Timeline();
  timeline.add(1, { name: 'connecting', attempt: 1 });
  timeline.add(2, { name: 'open' }, new Response('', { status: 200, headers: { 'X-A': '1' } }));
  timeline.add(3, { name: 'waiting', attempt: 2, delay: 1000.4, cause: { status: 503, retryAfter: 5000, message: 'busy' } });
  timeline.add(4, { name: 'waiting', attempt: 3, delay: null });
  timeline.add(5, { name: 'closed', reason: 'complete' });
  assert.deepEqual(timeline.entries.map(explain), [
    'attempt 1', 'status 200', 'attempt 2 · status 503 · Retry-After 5000 ms · waits 1000 ms · busy',
    'attempt 3 · the browser decides when', 'complete',
  ]);
  assert.equal(timeline.attempts, 1);
  assert.equal(timeline.response.status, 200);
  assert.ok(timeline.response.headers.some(([name, value]) => name === 'x-a' && value === '1'));
});

test('the newest states are kept, and attempts are counted on', () => {
  const timeline = new Timeline();
  for (let n = 0; n < 5000; n += 1) timeline.add(n, { name: 'connecting', attempt: n });
  assert.ok(timeline.entries.length <= 1000);
  assert.equal(timeline.entries.at(-1).number, 4999);
  assert.equal(timeline.attempts, 5000);
});
