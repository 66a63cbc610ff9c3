import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conflict, valuesOf, withValues } from '../../console/fault.js';

test('a URL’s values are read and written again', () => {
  const values = valuesOf('/events?data=a%26b&drop=3&message=%2B');
  assert.deepEqual(values, { data: 'a&b', drop: '3', message: '+' });
  assert.equal(withValues('/events?old=1', values), '/events?data=a%26b&drop=3&message=%2B');
  assert.deepEqual(valuesOf(withValues('/x', { message: 'data: ä\n\n#?&=', every: '' })), { message: 'data: ä\n\n#?&=' });
});

test('without values there is no query, and without a path it is /events', () => {
  assert.equal(withValues('/echo?a=1', { a: '' }), '/echo');
  assert.equal(withValues('', { a: '1' }), '/events?a=1');
  assert.deepEqual(valuesOf('/events'), {});
});

test('a half of a surrogate pair does not throw', () => {
  assert.equal(withValues('/events', { data: '\uD800' }), '/events?data=%EF%BF%BD');
});

test('what needs another parameter, or can’t be combined with one, is reported', () => {
  const groups = [{ params: [{ name: 'chunk_delay', needs: ['chunk_size', 'split'], notWith: [] }, { name: 'split', needs: [], notWith: ['x'] }] }];
  assert.equal(conflict(groups, { chunk_delay: '5ms' }), 'chunk_delay= needs chunk_size= or split=.');
  assert.equal(conflict(groups, { chunk_delay: '5ms', split: 'crlf' }), '');
  assert.equal(conflict(groups, { split: 'crlf', x: '1' }), 'split= can’t be combined with x=.');
});
