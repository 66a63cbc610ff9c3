import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeFilter } from '../../console/filter.js';

const tick = { type: 'tick', data: 'Hello World' };

test('nothing chosen is no filter', () => {
  assert.equal(makeFilter({}), null);
  assert.equal(makeFilter({ only: ' , ', find: '' }), null);
});

test('types are listed, and text is found in either case', () => {
  assert.equal(makeFilter({ only: 'a, tick' })(tick), true);
  assert.equal(makeFilter({ only: 'a' })(tick), false);
  assert.equal(makeFilter({ find: 'hello w' })(tick), true);
  assert.equal(makeFilter({ find: 'h.llo' })(tick), false);
  assert.equal(makeFilter({ find: 'hello', only: 'message' })(tick), false);
});

test('a regular expression says the same each time', () => {
  const filter = makeFilter({ find: '^h.*d$', regexp: '1' });
  assert.deepEqual([filter(tick), filter(tick), filter({ type: 'tick', data: 'x' })], [true, true, false]);
});

test('a bad expression is an error that says what to do', () => {
  assert.throws(() => makeFilter({ find: '(', regexp: '1' }), /is not a valid regular expression.*write \\\( for/s);
});
