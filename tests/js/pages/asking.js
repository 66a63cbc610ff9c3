// What tests of requests have in common: answers that a page makes up itself, and how a source takes them.

import { EventSource } from '../eventsource_wasm.js';

import { here, until } from './harness.js';

export const open = (path, options) => new EventSource(new URL(path, here), { transport: 'fetch', ...options });

/** A policy that waits for as short as it may, and says what it was asked. */
export function policy(asked = []) {
  return ({ cause }) => {
    asked.push(cause.name === 'StatusError' ? cause.status : cause.name);
    return 1;
  };
}

/** The state that a source ends in. */
export async function closed(source) {
  await until('it is closed', () => source.readyState === 2);
  return source.state;
}

export const complete = { name: 'closed', reason: 'complete', cause: null };

/** A function in the place of fetch that gives one answer after the other, and notes what it was asked. */
export function answering(...answers) {
  const asked = [];
  const give = (url, { method, headers, body }) => {
    asked.push([method, url.replace(here, ''), headers['last-event-id'], headers['x-auth'], headers['content-type'], body]);
    const next = answers.shift();
    return typeof next === 'number' ? new Response(next === 204 ? null : '', { status: next }) : next;
  };
  return [give, asked];
}

export const streamed = (body) => new Response(body, { headers: { 'content-type': 'text/event-stream', 'x-session': '5' } });

/** An answer that breaks off after this text. */
export function broken(text) {
  return streamed(new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
    pull: (controller) => controller.error(new TypeError('the connection is lost')),
  }, { highWaterMark: 0 }));
}

export async function all(iterator) {
  const seen = [];
  for await (const message of iterator) seen.push(message);
  return seen;
}

export const data = async (iterator) => (await all(iterator)).map((message) => message.data);

/** What is said on the console meanwhile. */
export async function warnings(body) {
  const { warn } = console;
  const said = [];
  console.warn = (text) => said.push(`${text}`);
  try {
    await body(said);
  } finally {
    console.warn = warn;
  }
  return said;
}
