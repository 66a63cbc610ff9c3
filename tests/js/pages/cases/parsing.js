// https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation

import { here, script } from '../harness.js';
import { reads } from './observe.js';

const gap = { pause: '20ms' };
const bytes = (...numbers) => ({ base64: btoa(String.fromCharCode(...numbers)) });

/** Name, what the server sends, the events that are seen; how Firefox's own object deviates from the Standard. */
const scripts = [
  ['one message', ['data: 1\n\n'], 'open message error'],
  ['nothing', [], 'open error'],
  ['empty lines', ['\n\n\r\r\r\n'], 'open error'],
  ['a message over several lines', ['data: 1\ndata: 2\ndata\ndata:\n\n'], 'open message error'],
  ['data without a value', ['data\n\ndata\ndata\n\ndata:\n\n'], 'open message message message error'],
  ['one space after the colon goes', ['data:none\n\ndata: one\n\ndata:  two\n\ndata:\ttab\n\n'], 'open message message message message error'],
  ['colons in the value stay', ['data: a: b:c\n\ndata::\n\n'], 'open message message error'],
  ['LF', ['data: 1\n\ndata: 2\n\n'], 'open message message error'],
  ['CR', ['data: 1\r\rdata: 2\r\r'], 'open message message error'],
  ['CR LF', ['data: 1\r\n\r\ndata: 2\r\n\r\n'], 'open message message error'],
  ['line ends mixed', ['data: 1\r\n\ndata: 2\n\r\ndata: 3\r\rdata: 4\n\rdata: 5\r\n\r'], undefined],
  ['CR and LF in pieces of their own', ['data: 1\r', gap, '\n\r', gap, '\ndata: 2\r', gap, '\r', gap, 'data: 3\r', gap, '\n', gap, '\n'], undefined],
  ['a byte order mark', ['\uFEFFdata: 1\n\n'], 'open message error'],
  ['two byte order marks', ['\uFEFF\uFEFFdata: 1\n\ndata: 2\n\n'], 'open message error'],
  ['half a byte order mark', [bytes(0xef, 0xbb), 'data: 1\n\ndata: 2\n\n'], 'open message error'],
  ['a byte order mark later', ['data: 1\n\n\uFEFFdata: 2\n\ndata: \uFEFF3\n\n'], 'open message message error'],
  ['comments', [':\n: c\n:data: 0\n\ndata: 1\n:\ndata: 2\n:\n\n'], 'open message error'],
  ['unknown fields', ['foo: 1\nfoo\nDATA: 2\ndata : 3\n data: 4\ndatabase: 5\ndata: 6\n\n'], 'open message error'],
  ['types', ['event: a\ndata: 1\n\nevent:b\ndata: 2\n\ndata: 3\n\n'], 'open a b message error'],
  ['the last type counts', ['event: a\nevent: b\ndata: 1\n\nevent: a\nevent\ndata: 2\n\n'], 'open b message error'],
  ['a type that is empty, or message', ['event:\ndata: 1\n\nevent: message\ndata: 2\n\nevent\ndata: 3\n\n'], 'open message message message error'],
  ['a type with spaces is another', ['event:  a\ndata: 1\n\nevent: a \ndata: 2\n\nevent: A\ndata: 3\n\n'], 'open error'],
  ['a type without data is forgotten', ['event: a\n\ndata: 1\n\n'], 'open message error'],
  ['types that nobody listens to', ['event: nobody\ndata: 1\n\ndata: 2\n\n'], 'open message error'],
  ['messages named open and error', ['event: open\ndata: 1\n\nevent: error\ndata: 2\n\ndata: 3\n\n'], 'open open error message error'],
  ['messages named statechange', ['event: statechange\ndata: 1\n\ndata: 2\n\n'], 'open message error'],
  ['ids', ['id: 1\ndata: 1\n\ndata: 2\n\nid: 3\n\ndata: 4\n\nid:5\nid:6\ndata: 6\n\n'], 'open message message message message error', 'its own object takes no id from a block without data'],
  ['an id that is taken back', ['id: 1\ndata: 1\n\nid\ndata: 2\n\nid: 3\ndata: 3\n\nid:\ndata: 4\n\n'], 'open message message message message error'],
  ['an id with NUL is ignored', ['id: 1\ndata: 1\n\nid: 2\0\ndata: 2\n\nid: \0\ndata: 3\n\n'], undefined, 'its own object loses such messages'],
  ['an id with spaces and other letters', ['id:  ü€😀 \ndata: 1\n\n'], 'open message error'],
  ['the id of a message without end does not count', ['id: 1\ndata: 1\n\nid: 2\ndata: 2\n'], 'open message error'],
  ['reconnection times that are none', ['retry: 1x\nretry: -1\nretry: 1.5\nretry\nretry:\nretry: 1e3\ndata: 1\n\n'], 'open message error'],
  ['a reconnection time beyond all numbers', [`retry: ${'9'.repeat(30)}\ndata: 1\n\n`], 'open message error'],
  ['a message without its empty line', ['data: 1\n\ndata: 2\n'], 'open message error'],
  ['a line without its end', ['data: 1\n\ndata: 2\n\ndata: 3'], 'open message message error'],
  ['NUL in data', ['data: a\0b\n\n'], 'open message error', 'its own object leaves NUL out'],
  ['bytes that are no UTF-8', [bytes(...'data: '.split('').map((letter) => letter.charCodeAt(0)), 0xff, 0xe2, 0x82, 0x41, 0xc0, 0x80, 0xed, 0xa0, 0x80), '\n\n'], 'open message error'],
  ['a letter in pieces', ['data: ', bytes(0xe2), gap, bytes(0x82), gap, bytes(0xac), gap, bytes(0xf0, 0x9f), gap, bytes(0x98, 0x80), '\n\n'], 'open message error'],
  ['a letter that is broken off by a line\'s end', ['data: ', bytes(0xe2, 0x82), '\n\ndata: 2\n\n'], 'open message message error'],
  ['other line separators are text', ['data: a\u2028b\u2029c\u0085d\u000be\u000cf\n\n'], 'open message error'],
  ['fields in pieces', ['da', gap, 'ta', gap, ':', gap, ' ', gap, '1', gap, '\n', gap, '\n'], 'open message error'],
  ['a message of 200,000 characters', [`data: ${'x€'.repeat(100_000)}\n\n`], 'open message error'],
  ['a thousand messages at once', [Array.from({ length: 1000 }, (_, n) => `id: ${n}\ndata: ${n}\n\n`).join('')], undefined],
  ['a thousand lines', [`${'data: x\n'.repeat(1000)}\n`], 'open message error'],
];

const markInPieces = { Safari: 'its own object takes a byte order mark in pieces for text' };

export const cases = [
  ...scripts.map(([name, lines, sees, inFirefox]) => ({
    ...reads(name, () => script(lines), sees),
    differs: inFirefox && { fetch: { Firefox: inFirefox } },
  })),
  {
    ...reads('a byte order mark in pieces', () => script([bytes(0xef), gap, bytes(0xbb), gap, bytes(0xbf), gap, 'data: 1\n\n']), 'open message error'),
    differs: { platform: markInPieces, fetch: markInPieces },
  },
  {
    ...reads('byte by byte', () => script(['\uFEFFid: 1\r\nevent: a\r\ndata: €\r\n\r\ndata: 2\r\n\r\n'], '?chunk-size=1'), 'open a message error'),
    differs: { fetch: markInPieces },
  },
  reads('cut inside each CR LF and each letter', async () => `${here}/events?split=both&eol=crlf&event=a&count=3&t0=0&data=n&interval=0`, 'open a a a error'),
  reads('line ends by chance', async () => `${here}/events?eol=mix&seed=5&count=20&t0=0&data=n&interval=0`),
];
