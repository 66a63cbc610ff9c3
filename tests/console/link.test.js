import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read, write } from '../../console/link.js';

test('a query names several streams, each with what follows its url=', () => {
  const streams = read('?url=%2Fevents%3Fa%3D1%26b%3D2&transport=fetch&find=x&url=/b&panel=see');
  assert.deepEqual(streams, [
    { text: '/events?a=1&b=2', options: { transport: 'fetch' }, shown: { find: 'x' } },
    { text: '/b', options: {}, shown: { panel: 'see' } },
  ]);
});

test('a view that is written and read again is the same', () => {
  const streams = [
    { text: '/events?data=ä&x=%26', options: { transport: 'fetch', headers: 'X-A: 1\nX-B: "2"', body: '{"a": "+ &"}' }, shown: { find: 'a+b', regexp: '1' } },
    { text: '', options: {}, shown: {} },
    { text: 'https://example.com/', options: { withCredentials: '1' }, shown: { only: 'a b' } },
  ];
  assert.deepEqual(read(write(streams)), streams);
  assert.equal(write(read(write(streams))), write(streams));
});

test('the page as it is has no query, and a query without url= is of its own stream', () => {
  assert.equal(write(read('')), '');
  assert.deepEqual(read('?transport=fetch'), [{ text: undefined, options: { transport: 'fetch' }, shown: {} }]);
  assert.equal(write(read('?transport=fetch')), '?transport=fetch');
});

test('unknown keys are left out, and no more than eight streams are taken', () => {
  assert.deepEqual(read('?url=/a&nonsense=1&__proto__=x&constructor=y'), [{ text: '/a', options: {}, shown: {} }]);
  assert.equal(read(`?${'url=/a&'.repeat(1000)}`).length, 8);
});
