import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { curl, javaScript, rust } from '../../console/snippets.js';

const NASTY = 'it\'s "quoted" \\ $HOME `id` !x\nnext ü 😀 #"# {}';

/** The words that a shell makes of a command. */
function words(command) {
  const printed = execFileSync('sh', ['-c', `curl() { for word; do printf '%s\\0' "$word"; done; }\n${command}`], { encoding: 'utf8' });
  return printed.split('\0').slice(0, -1);
}

/** The options that a program in JavaScript gives its source. */
function optionsOf(program) {
  const body = program.replace(/^import .*$/m, '').replace(/^source\..*$/gm, '');
  class EventSource { constructor(url, options) { Object.assign(this, { url, options }); } }
  return new Function('EventSource', `'use strict';${body}; return source;`)(EventSource);
}

test('a shell gives curl the URL, headers and body as they are', () => {
  const given = words(curl(`http://a/events?x=${NASTY}`, { transport: 'fetch', method: 'POST', headers: 'X-A: it\'s "1"', body: NASTY, lastEventId: NASTY.replaceAll('\n', '') }));
  for (const word of ['-N', 'POST', `http://a/events?x=${NASTY}`, 'X-A: it\'s "1"', `Last-Event-ID: ${NASTY.replaceAll('\n', '')}`, NASTY]) assert.ok(given.includes(word), word);
});

test('curl takes brackets in a URL for what they are', () => {
  assert.ok(words(curl('http://a/events?data=[1-3]{a,b}', {})).includes('-g'));
  assert.ok(!words(curl('http://a/events', {})).includes('-g'));
});

test('curl sends an empty header, and the type that fetch sends with a text', () => {
  const given = { transport: 'fetch', method: 'POST', body: '{}' };
  assert.ok(words(curl('http://a/', { ...given, headers: 'X-Empty:' })).includes('X-Empty;'));
  assert.ok(words(curl('http://a/', given)).includes('Content-Type: text/plain;charset=UTF-8'));
  assert.ok(!words(curl('http://a/', { ...given, headers: 'content-type: application/json' })).some((word) => word.includes('text/plain')));
});

test('JavaScript has the options as they are', () => {
  const made = javaScript(`http://a/?x=${NASTY}`, { transport: 'fetch', method: 'POST', body: NASTY, headers: 'X-A: 1', reconnect: '1', openTimeout: '010', resend: 'true' });
  assert.deepEqual({ ...optionsOf(made) }, {
    url: `http://a/?x=${NASTY}`,
    options: { transport: 'fetch', method: 'POST', body: NASTY, headers: { 'X-A': '1' }, reconnect: true, openTimeout: 10, resend: true },
  });
});

test('JavaScript has a header that is given twice twice', () => {
  const { options } = optionsOf(javaScript('/', { transport: 'fetch', headers: 'X-A: 1\nX-A: 2' }));
  assert.deepEqual(options.headers, [['X-A', '1'], ['X-A', '2']]);
});

test('Rust has text as literals that it can read', () => {
  assert.ok(rust('/a', {}).includes('EventSource::new("/a")?'));
  assert.ok(rust('/a?"x"', {}).includes('r#"/a?"x""#'));
  assert.ok(rust('/"#"##', {}).includes('r###"/"#"##"###'));
  // A raw literal can't have a carriage return, nor what turns the direction of text.
  assert.ok(rust('/', { transport: 'fetch', method: 'POST', body: 'a\r\n"b"\\\u202e' }).includes('.body("a\\r\\n\\"b\\"\\\\\\u{202e}")'));
});

test('Rust has numbers that it can read', () => {
  assert.ok(rust('/', { openTimeout: '1e3' }).includes('Duration::from_millis(1000)'));
});
