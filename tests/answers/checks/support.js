// What the checks of all servers need.

import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';

export const token = randomUUID;

/** Reads a body to its end: its pieces, its text, its events, and the error that ended it. */
export async function read(response) {
  const pieces = [];
  let error;
  try {
    for await (const piece of response.body ?? []) pieces.push(Buffer.from(piece));
  } catch (problem) {
    error = problem;
  }
  const bytes = Buffer.concat(pieces);
  return { status: response.status, headers: response.headers, pieces, bytes, error, text: bytes.toString(), events: events(bytes.toString()) };
}

/** The complete events of a stream. */
export function events(text) {
  const blocks = text.replaceAll(/\r\n?/g, '\n').split('\n\n').slice(0, -1);
  return blocks.map((block) => {
    const fields = block.split('\n').map((line) => /^([^:]*):? ?(.*)$/.exec(line).slice(1));
    const last = (name) => fields.findLast(([field]) => field === name)?.[1];
    return { id: last('id'), type: last('event'), retry: last('retry'), data: last('data') };
  }).filter(({ data }) => data !== undefined);
}

/** The JSON of events, but for a mark at the end. */
export const json = (list) => list.filter(({ data }) => data !== '[DONE]' && data !== '').map(({ data }) => JSON.parse(data));

export const post = (url, body, headers = {}, options = {}) => fetch(url, {
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
  ...options,
});

export async function asked(origin, key) {
  return (await fetch(`${origin}/asked?key=${key}`)).json();
}

/** Asks until it is so: the server hears of a client that has left when the network says so. */
export async function until(what, holds) {
  for (const began = Date.now(); Date.now() - began < 10_000;) {
    const value = await holds();
    if (value) return value;
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
  throw new Error(`waited in vain until ${what}`);
}

/** What was told of a key's newest request, once its connection is over. */
export function settled(origin, key) {
  return until('the server says how it ended', async () => {
    const told = (await asked(origin, key)).requests.at(-1);
    return told?.state === 'open' ? undefined : told;
  });
}

/** That what was told of a key's newest request is this. */
export async function tells(origin, key, expected) {
  const told = await settled(origin, key);
  for (const [name, value] of Object.entries(expected)) assert.deepEqual(told[name], value, `${name} in ${JSON.stringify(told)}`);
}
