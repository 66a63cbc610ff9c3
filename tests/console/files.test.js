import assert from 'node:assert/strict';
import { test } from 'node:test';
import { block, har, jsonLines, rawScript } from '../../console/exports.js';
import { History } from '../../console/history.js';
import { readMessages } from '../../console/imports.js';
import { Timeline } from '../../console/timeline.js';
import { Wire } from '../../console/wire.js';

/** Messages as a stream has given them. */
function history() {
  const made = new History();
  made.add(1_700_000_000_000, 'message', 'a', '1');
  made.add(1_700_000_000_500, 'tick', 'two\nlines\u2028ü😀', '1');
  made.add(1_700_000_000_500, 'message', '', '');
  made.add(1_700_000_002_000, 'message', '{"x": 1}', '9');
  return made;
}
const plain = (messages) => [...messages].map(({ time, type, id, data }) => ({ time, type, id, data }));
const began = (messages) => plain(messages).map((message) => ({ ...message, time: message.time - 1_700_000_000_000 }));

test('JSON Lines are read as they were written', () => {
  assert.deepEqual(readMessages(jsonLines(history())), plain(history()));
});

test('an HAR is read as it was written', () => {
  assert.deepEqual(readMessages(har('http://a/events?b=1', 'GET', [], history())), plain(history()));
});

test('an HAR of an older browser is read by its body', () => {
  const archive = JSON.parse(har('http://a/', 'GET', [], history()));
  delete archive.log.entries[0]._eventSourceMessages;
  const read = readMessages(JSON.stringify(archive));
  assert.deepEqual(read.map(({ type, id, data }) => ({ type, id, data })), plain(history()).map(({ type, id, data }) => ({ type, id, data })));
});

test('an HAR has all fields that HAR 1.2 asks for', () => {
  const { log } = JSON.parse(har('http://a/events?b=1', 'POST', [{ began: 1_700_000_000_000, isOpen: true, status: 201, headers: [['x-a', '1']] }], history()));
  assert.equal(log.version, '1.2');
  const [entry] = log.entries;
  const has = (object, ...names) => names.forEach((name) => assert.ok(name in object, name));
  has(log, 'version', 'creator', 'entries');
  has(log.creator, 'name', 'version');
  has(entry, 'startedDateTime', 'time', 'request', 'response', 'cache', 'timings');
  has(entry.request, 'method', 'url', 'httpVersion', 'cookies', 'headers', 'queryString', 'headersSize', 'bodySize');
  has(entry.response, 'status', 'statusText', 'httpVersion', 'cookies', 'headers', 'content', 'redirectURL', 'headersSize', 'bodySize');
  has(entry.response.content, 'size', 'mimeType', 'text');
  has(entry.timings, 'send', 'wait', 'receive');
  assert.deepEqual(entry.request.queryString, [{ name: 'b', value: '1' }]);
  assert.deepEqual(entry.response.headers, [{ name: 'x-a', value: '1' }]);
  assert.equal(entry.response.status, 201);
});

test('a script is read as it was written, its times by its pauses', () => {
  assert.deepEqual(readMessages(rawScript(history())), began(history()));
});

test('a script has the bytes that came', () => {
  const made = new History();
  const wire = new Wire();
  const take = wire.taker();
  take(new TextEncoder().encode('\uFEFF: c\r\ndata:a\r\n\r\n'));
  take(Uint8Array.of(...new TextEncoder().encode('data: '), 0xff, 10, 10));
  made.add(0, 'message', 'a', '');
  made.add(0, 'message', '\uFFFD', '');
  assert.deepEqual(JSON.parse(rawScript(made, wire)), ['\uFEFF: c\r\ndata:a\r\n\r\n', { base64: 'ZGF0YTog/woK' }]);
});

test('a script with many bytes that are no text does not fail', () => {
  const made = new History();
  const wire = new Wire();
  const bytes = new Uint8Array(200 * 1024).fill(0xff);
  bytes.set(new TextEncoder().encode('data: '));
  wire.taker()(bytes);
  wire.taker()(bytes);
  const take = wire.taker();
  take(bytes);
  take(Uint8Array.of(10, 10));
  made.add(0, 'message', 'x', '');
  const [{ base64 }] = JSON.parse(rawScript(made, wire));
  assert.equal(atob(base64).length, bytes.length + 2);
});

test('a script keeps within the server’s limits: 1 MiB in bytes, 10,000 items, 10 minutes', () => {
  const bytes = (text) => new TextEncoder().encode(text).length;
  const long = new History();
  for (let n = 0; n < 1000; n += 1) long.add(n, 'message', '漢'.repeat(1000), '');
  const script = rawScript(long);
  assert.ok(bytes(script) <= 1024 * 1024, `${bytes(script)}`);
  assert.ok(bytes(script) > 900_000, `${bytes(script)}`);
  const many = new History();
  for (let n = 0; n < 10_000; n += 1) many.add(n * 5, 'message', 'x', '');
  assert.ok(JSON.parse(rawScript(many)).length <= 10_000);
  const slow = new History();
  for (let n = 0; n < 30; n += 1) slow.add(n * 60_000, 'message', 'x', '');
  const pauses = JSON.parse(rawScript(slow)).filter((item) => item.pause).map(({ pause }) => parseInt(pause, 10));
  assert.ok(pauses.reduce((sum, pause) => sum + pause, 0) <= 600_000);
});

test('a script’s bytes are read across its items, as a source reads them', () => {
  const script = ['id: 7\nda', { pause: '1s' }, 'ta: ', { base64: 'w7Y=' }, { base64: 'ww==' }, { pause: '500ms' }, { base64: 'tgo=' }, '\r', '\n', 'data: b\n\n'];
  assert.deepEqual(readMessages(JSON.stringify(script)), [
    { time: 1500, type: 'message', id: '7', data: 'öö' },
    { time: 1500, type: 'message', id: '7', data: 'b' },
  ]);
});

test('a script of many pauses within one message does not hang', () => {
  const script = ['data: ', ...Array.from({ length: 5000 }, () => ['x'.repeat(100), { pause: '1ms' }]).flat(), '\n\n'];
  assert.equal(readMessages(JSON.stringify(script))[0].data.length, 500_000);
});

test('a stream that curl has saved is read by the Standard', () => {
  assert.deepEqual(plain(readMessages('\uFEFF:c\r\nevent: x\r\nid: 1\r\ndata:  a\u2028b\r\ndata\r\n\r\nid: 2\0\ndata: c\n\ndata: unfinished')), [
    { time: 0, type: 'x', id: '1', data: ' a\u2028b\n' },
    { time: 0, type: 'message', id: '1', data: 'c' },
  ]);
});

test('what can’t be read is an error that says why', () => {
  for (const [text, message] of [
    ['', /no message in this file/],
    ['hello', /no message in this file/],
    ['{"a": 1}', /line 1 has no data/i],
    ['{"data": "x"}\n[1]', /line 2 has no data/i],
    ['["data: a\\n\\n", 5]', /item 1/i],
    ['[{"base64": "?"}]', /item 0/i],
    ['[{"pause": "long"}]', /item 0/i],
    ['{"log": {"entries": [null, {"_eventSourceMessages": [null]}]}}', /no message in this file/],
  ]) assert.throws(() => readMessages(text), message, text);
});

test('the newest 10,000 messages of a file are read', () => {
  const read = readMessages('data: a\n\n'.repeat(10_001) + 'data: b\n\n');
  assert.equal(read.length, 10_000);
  assert.equal(read.at(-1).data, 'b');
});

test('a block is as a server sends it', () => {
  assert.equal(block({ type: 'message', id: '', data: 'a\nb' }), 'data: a\ndata: b\n\n');
  assert.equal(block({ type: 't', id: '1', data: '' }), 'id: 1\nevent: t\ndata: \n\n');
  assert.equal(block({ type: 'message', id: '', data: 'x' }, '1'), 'id\ndata: x\n\n');
});

test('a message that is too long for a script is refused with what to do', () => {
  const long = new History();
  long.add(0, 'message', 'x'.repeat(1_100_000), '');
  assert.throws(() => rawScript(long), /too long for a \/raw script.*JSON Lines/);
  assert.equal(rawScript(new History()), '[]');
});

test('pauses of all units are read', () => {
  const times = readMessages('["data: a\\n\\n", {"pause": "0"}, "data: b\\n\\n", {"pause": "1h"}, "data: c\\n\\n"]').map(({ time }) => time);
  assert.deepEqual(times, [0, 0, 3_600_000]);
});

test('an HAR has an entry for each attempt, with its messages and the id that it went on after', () => {
  const timeline = new Timeline();
  const began = 1_700_000_000_000;
  timeline.add(began - 100, { name: 'connecting', attempt: 1 });
  timeline.add(began - 50, { name: 'open' }, new Response('', { headers: { 'x-a': '1' } }));
  timeline.add(began + 600, { name: 'waiting', attempt: 2, delay: 100, cause: { status: undefined, message: 'broke' } });
  timeline.add(began + 700, { name: 'connecting', attempt: 2 });
  timeline.add(began + 710, { name: 'waiting', attempt: 3, delay: 100, cause: { status: 503, message: 'busy' } });
  timeline.add(began + 810, { name: 'connecting', attempt: 3 });
  timeline.add(began + 900, { name: 'open' }, new Response('', { status: 200 }));
  const made = new History();
  for (const [time, id] of [[0, '1'], [500, '2'], [1000, '3']]) made.add(began + time, 'message', id, id);
  const text = har('http://a/', 'GET', timeline.attemptsKept, made);
  const { entries } = JSON.parse(text).log;
  assert.deepEqual(entries.map(({ response }) => response.status), [200, 503, 200]);
  assert.deepEqual(entries.map((entry) => entry._eventSourceMessages.map(({ data }) => data)), [['1', '2'], [], ['3']]);
  assert.deepEqual(entries.map(({ request }) => request.headers.find(({ name }) => name === 'last-event-id')?.value), [undefined, '2', '2']);
  assert.deepEqual(plain(readMessages(text)), plain(made));
});

test('an attempt of the browser’s own object is known by being open again', () => {
  const timeline = new Timeline();
  for (const [time, name] of [[0, 'connecting'], [1, 'open'], [5, 'waiting'], [9, 'open'], [12, 'closed']]) timeline.add(time, { name, cause: null });
  assert.deepEqual(timeline.attemptsKept.map(({ began, isOpen }) => [began, isOpen]), [[0, true], [9, true]]);
});
