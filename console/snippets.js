// The stream as a command or a program that makes the same request.

import { OPTIONS, headerPairs, typesOf } from './options.js';

/** A command for a shell. */
export function curl(url, given) {
  const isFetch = given.transport === 'fetch';
  const words = ['curl', '-N'];
  // Otherwise curl treats brackets as ranges and braces as lists.
  if (/[[\]{}]/.test(url)) words.push('-g');
  if (isFetch && given.method) words.push('-X', given.method);
  words.push(shell(url), '-H', shell('Accept: text/event-stream'));
  if (given.lastEventId) words.push('-H', shell(`Last-Event-ID: ${given.lastEventId}`));
  if (isFetch) {
    const headers = headerPairs(given.headers ?? '');
    // With a colon and no value, curl would omit the header.
    for (const [name, value] of headers) words.push('-H', shell(value === '' ? `${name};` : `${name}: ${value}`));
    if (given.body) {
      // The type that fetch sends for a string; curl would send that of a form.
      if (!headers.some(([name]) => name.toLowerCase() === 'content-type')) words.push('-H', shell('Content-Type: text/plain;charset=UTF-8'));
      words.push('--data-raw', shell(given.body));
    }
  }
  return words.join(' ');
}

function shell(text) {
  return `'${text.replaceAll('\'', '\'\\\'\'')}'`;
}

/** A program with this package's class. */
export function javaScript(url, given) {
  const options = membersOf(given).map(([name, value]) => `  ${name}: ${value},\n`).join('');
  const types = ['message', ...typesOf(given)];
  const listeners = given.transport === 'fetch' ? 'source.onAny(({ type, data }) => console.log(type, data));'
    : types.map((type) => `source.addEventListener(${JSON.stringify(type)}, ({ data }) => console.log(data));`).join('\n');
  return `import { EventSource } from "eventsource-wasm";\n\nconst source = new EventSource(${JSON.stringify(url)}${options === '' ? '' : `, {\n${options}}`});\n${listeners}\n`;
}

function membersOf(given) {
  const isFetch = given.transport === 'fetch';
  return OPTIONS.filter(({ name, fetch }) => given[name] !== undefined && name !== 'types' && (isFetch || !fetch)).map(({ name, flag, number }) => {
    const text = given[name];
    if (flag) return [name, 'true'];
    if (number) return [name, String(Number(text))];
    if (name === 'resend' && text !== 'before-open') return [name, text];
    if (name === 'headers') return [name, headersOf(headerPairs(text))];
    return [name, JSON.stringify(text)];
  });
}

/** An object, or pairs if a name is repeated. */
function headersOf(pairs) {
  const isOnce = new Set(pairs.map(([name]) => name.toLowerCase())).size === pairs.length;
  return JSON.stringify(isOnce ? Object.fromEntries(pairs) : pairs);
}

/** The builder's methods whose names differ from the options', or whose arguments are not text. */
const CALLS = {
  withCredentials: () => 'with_credentials(true)',
  reconnect: () => 'reconnect(Backoff::default())',
  resumeAfterReload: () => 'resume_after_reload(true)',
  share: () => 'share(true)',
  probe: () => 'probe(true)',
  suppressDuplicates: (value) => `suppress_duplicates(${Number(value)})`,
  openTimeout: milliseconds('open_timeout'),
  idleTimeout: milliseconds('idle_timeout'),
  pauseWhenHidden: milliseconds('pause_when_hidden'),
};

const FETCH_CALLS = {
  headers: (lines) => headerPairs(lines).map(([name, value]) => `header(${text(name)}, ${text(value)})`).join('.'),
  credentials: (value) => `credentials(RequestCredentials::${pascal(value)})`,
  cache: (value) => `cache(RequestCache::${pascal(value)})`,
  redirect: (value) => `redirect(RequestRedirect::${pascal(value)})`,
  resend: (value) => (value === 'before-open' ? 'resend_before_open()' : `resend(${value})`),
  maxMessageSize: (value) => `max_message_size(${Number(value)})`,
};

function milliseconds(method) {
  return (value) => `${method}(Duration::from_millis(${Number(value)}))`;
}

/** A program with this package's crate. */
export function rust(url, given) {
  const isFetch = given.transport === 'fetch';
  const calls = [];
  const fetchCalls = [];
  for (const { name, fetch } of OPTIONS) {
    if (given[name] === undefined || name === 'types' || name === 'transport' || (fetch && !isFetch)) continue;
    const made = (fetch ? FETCH_CALLS : CALLS)[name] ?? ((value) => `${snake(name)}(${text(value)})`);
    (fetch ? fetchCalls : calls).push(`.${made(given[name])}`);
  }
  if (isFetch) calls.unshift(`.fetch(FetchOptions::new()${fetchCalls.join('')})`);
  const made = calls.length === 0 ? `EventSource::new(${text(url)})?` : `EventSource::builder(${text(url)})\n    ${calls.join('\n    ')}\n    .open()?`;
  const used = ['Backoff', 'EventSource', 'FetchOptions'].filter((name) => made.includes(name));
  const names = used.length === 1 ? used[0] : `{${used.join(', ')}}`;
  const types = ['message', ...typesOf(given)].map(text);
  const subscribed = types.length === 1 ? `subscribe(${types[0]})` : `subscribe_many([${types.join(', ')}])`;
  return [
    `use eventsource_wasm::${names};`,
    'use futures_util::StreamExt;',
    ...(made.includes('Duration::') ? ['use std::time::Duration;'] : []),
    ...(made.includes('Request') ? ['use web_sys::{RequestCache, RequestCredentials, RequestRedirect};'] : []),
    '',
    `let source = ${made};`,
    `let mut messages = source.${subscribed};`,
    'while let Some(message) = messages.next().await {',
    '    println!("{}", message?.data());',
    '}',
    '',
  ].join('\n');
}

function snake(name) {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function pascal(value) {
  return value.replace(/(^|-)([a-z])/g, (_, before, letter) => letter.toUpperCase());
}

const ESCAPED = /(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

/** A Rust string literal. */
function text(given) {
  // A raw literal can't have a carriage return, and the compiler refuses characters that change the text direction.
  if (ESCAPED.test(given)) {
    const escape = (found) => ({ '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r' })[found] ?? `\\u{${found.codePointAt(0).toString(16)}}`;
    return `"${given.replace(/["\\\n]|(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, escape)}"`;
  }
  if (!/["\\\n\r]/.test(given)) return `"${given}"`;
  let hashes = '#';
  while (given.includes(`"${hashes}`)) hashes += '#';
  return `r${hashes}"${given}"${hashes}`;
}
