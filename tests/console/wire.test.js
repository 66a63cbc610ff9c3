import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Wire, hex, visible } from '../../console/wire.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** What a wire keeps of pieces of bytes or text. */
function read(...pieces) {
  const wire = new Wire();
  const take = wire.taker();
  for (const piece of pieces) take(typeof piece === 'string' ? encoder.encode(piece) : piece);
  return wire;
}
const texts = (wire) => {
  const all = [];
  for (let n = 0; wire.get(n) !== undefined; n += 1) all.push(decoder.decode(wire.get(n).bytes));
  return all;
};

test('a block has the bytes, comments and retry: of its message', () => {
  const wire = read(': hi\nretry: 500\n\nid: 1\ndata: a\n\n:\ndata: b\n\n');
  assert.deepEqual(texts(wire), [': hi\nretry: 500\n\nid: 1\ndata: a\n\n', ':\ndata: b\n\n']);
  assert.deepEqual(wire.get(0).comments, ['hi']);
  assert.equal(wire.get(0).retry, 500);
  assert.deepEqual(wire.get(1).comments, ['']);
  assert.equal(wire.get(1).retry, null);
  assert.equal(wire.retry, 500);
  assert.equal(wire.comments, 2);
});

test('line ends of each kind end blocks, wherever the bytes are cut', () => {
  const text = '\uFEFFdata: é😀\r\n\r\n: c\r\revent: x\ndata: b\n\ndata\r\r';
  const bytes = encoder.encode(text);
  const whole = texts(read(bytes));
  assert.deepEqual(whole, ['\uFEFFdata: é😀\r\n\r\n', ': c\r\revent: x\ndata: b\n\n', 'data\r\r']);
  assert.deepEqual(texts(read(...[...bytes].map((byte) => Uint8Array.of(byte)))), whole);
});

test('a byte order mark counts at the start only, once', () => {
  assert.equal(texts(read('\uFEFFdata: a\n\n')).length, 1);
  assert.equal(texts(read('\uFEFF\uFEFFdata: a\n\n')).length, 0);
  assert.equal(texts(read('data: a\n\n\uFEFFdata: b\n\n')).length, 1);
});

test('lines that a source ignores are told', () => {
  const { ignored } = read('foo: 1\nid: a\0b\nretry: soon\ndata: a\nData: b\n\n').get(0);
  assert.deepEqual(ignored, ['foo: 1', 'id: a\0b', 'retry: soon', 'Data: b']);
  assert.deepEqual(read('id\nevent\ndata: a\nretry: 1\n:c\n\n').get(0).ignored, []);
});

test('a message after long comments has its bytes', () => {
  const wire = read(`${`: ${'x'.repeat(1000)}\n\n`.repeat(300)}data: a\n\ndata: b\n\n`);
  assert.equal(texts(wire).length, 2);
  assert.ok(texts(wire)[0].endsWith('data: a\n\n'));
  assert.equal(texts(wire)[1], 'data: b\n\n');
});

test('a block too long is kept in part, and the next one is whole', () => {
  const wire = read(`data: ${'x'.repeat(300 * 1024)}\n\n`, 'data: b\n\n');
  assert.equal(wire.get(0).isWhole, false);
  assert.equal(wire.get(0).bytes.length, 256 * 1024);
  assert.equal(wire.get(1).isWhole, true);
});

test('no more than the newest 10,000 blocks or 4 MiB are kept', () => {
  const wire = read('data: a\n\n'.repeat(10_001));
  assert.equal(wire.get(0), undefined);
  assert.notEqual(wire.get(1), undefined);
  const long = read(`data: ${'x'.repeat(200 * 1024)}\n\n`.repeat(40));
  assert.equal(long.get(0), undefined);
  assert.notEqual(long.get(39), undefined);
});

test('an answer that breaks off leaves nothing to the next one', () => {
  const wire = new Wire();
  wire.taker()(encoder.encode('data: a\n'));
  wire.taker()(encoder.encode('\ndata: b\n\n'));
  assert.deepEqual(texts(wire), ['\ndata: b\n\n']);
});

test('what can’t be seen is shown', () => {
  assert.equal(visible(encoder.encode('\uFEFFdata: a\0\r\n\r\n')), '[BOM]data: a␀␍␊\n␍␊\n');
  assert.equal(visible(encoder.encode('a\rb\n')), 'a␍\nb␊\n');
  assert.equal(hex(encoder.encode('a\n')), `000000  ${'61 0a'.padEnd(47)}  a·`);
});

test('where duplicates are left out bytes are counted, and none is kept for a message', () => {
  const wire = new Wire(false);
  wire.taker()(encoder.encode('retry: 5\n: c\ndata: a\n\n'));
  assert.deepEqual([wire.get(0), wire.retry, wire.comments, wire.bytes], [undefined, 5, 1, 22]);
});
