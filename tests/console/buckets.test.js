import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Buckets, COUNT, WIDTH } from '../../console/buckets.js';

const NOW = 1_700_000_000_000;
const newest = (buckets, time = NOW) => buckets.before(time).at(-1);

test('messages are counted in the bucket of their time', () => {
  const buckets = new Buckets();
  buckets.add(NOW - 2 * WIDTH, null, null);
  buckets.add(NOW, 5, 1);
  buckets.add(NOW + 1, 9, 7);
  buckets.add(NOW + 2, 3, 2);
  const all = buckets.before(NOW);
  assert.equal(all.length, COUNT);
  assert.deepEqual(all.map(({ count }) => count).slice(-3), [1, 0, 3]);
  assert.deepEqual({ gap: 9, delay: 7 }, { gap: all.at(-1).gap, delay: all.at(-1).delay });
});

test('a bucket without a message has no gap and no delay', () => {
  assert.deepEqual(newest(new Buckets()), { at: Math.floor(NOW / WIDTH), count: 0, gap: null, delay: null });
});

test('a gap of 0 and a delay below 0, of clocks that differ, are values too', () => {
  const buckets = new Buckets();
  buckets.add(NOW, 0, -5);
  assert.equal(newest(buckets).gap, 0);
  assert.equal(newest(buckets).delay, -5);
  buckets.add(NOW, null, -9);
  assert.equal(newest(buckets).delay, -5);
});

test('a minute later nothing old is counted', () => {
  const buckets = new Buckets();
  buckets.add(NOW, 1, 1);
  const later = NOW + COUNT * WIDTH;
  assert.ok(buckets.before(later).every(({ count }) => count === 0));
  buckets.add(later, null, null);
  assert.deepEqual(newest(buckets, later), { at: Math.floor(later / WIDTH), count: 1, gap: null, delay: null });
});
