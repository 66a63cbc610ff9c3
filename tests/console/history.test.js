import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../console/history.js';

const numbers = (history) => [...history].map(({ number }) => number);

test('the newest messages are kept, and older ones fall out', () => {
  const history = new History(3);
  for (let n = 0; n < 5; n += 1) history.add(n * 10, 'message', `${n}`, '');
  assert.deepEqual(numbers(history), [2, 3, 4]);
  assert.equal(history.first, 2);
  assert.equal(history.get(1), undefined);
  assert.equal(history.get(4).data, '4');
  assert.equal(history.get(5), undefined);
});

test('a gap is the time since the message before, and the first has none', () => {
  const history = new History();
  assert.equal(history.add(1000, 'message', '', '').gap, null);
  assert.equal(history.add(1000, 'message', '', '').gap, 0);
  assert.equal(history.add(1250, 'message', '', '').gap, 250);
});

test('long texts push out older ones, but the newest is always kept', () => {
  const history = new History(100, 10);
  for (const data of ['1234', '1234', '1234']) history.add(0, '', data, '');
  assert.deepEqual(numbers(history), [1, 2]);
  history.add(0, '', 'x'.repeat(50), '');
  assert.deepEqual(numbers(history), [3]);
  history.add(0, '', 'y', '');
  assert.deepEqual(numbers(history), [4]);
});

test('types and ids count as text that is kept', () => {
  const history = new History(100, 10);
  history.add(0, 'a', '', 'x'.repeat(8));
  history.add(0, 'y'.repeat(8), '', '');
  assert.deepEqual(numbers(history), [1]);
});

test('what is cleared is gone, and numbers go on', () => {
  const history = new History(3);
  for (let n = 0; n < 5; n += 1) history.add(n, 'message', 'x', '');
  history.clear();
  assert.deepEqual(numbers(history), []);
  history.add(9, 'message', 'x', '');
  assert.deepEqual(numbers(history), [5]);
});
