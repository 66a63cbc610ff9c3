// Plays events to a client, in pieces that are cut where a parser may stumble.

import { Buffer } from 'node:buffer';

import { how } from './exchange.js';
import { number, oneOf } from './parameters.js';

/** The parameters of the bytes, for all routes that play. */
export const shape = {
  chunk: {
    usual: 'cuts',
    parse: (text) => (['cuts', 'event', 'all'].includes(text) || /^[1-9]\d{0,5}$/.test(text) ? text : undefined),
    says: 'cuts, event, all or a number of bytes',
  },
  pause: number(0, 60_000, 1),
  delay: number(0, 60_000, 0),
  eol: oneOf('lf', 'crlf', 'cr'),
  how,
};

const EOL = { lf: '\n', crlf: '\r\n', cr: '\r' };
/** What is held back at most, of an answer that is to come at once. */
const MOST_HELD = 64 * 1024;

/** An event's text. */
export const event = ({ id, type, data }) => [
  ...(id === undefined ? [] : [`id: ${id}\n`]),
  ...(type === undefined ? [] : [`event: ${type}\n`]),
  `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`,
].join('');

/**
 * Writes what a generator yields: texts of events; `{ flush: true }` when the next may take long; `{ cut: text }` to break the
 * connection in the middle of that event; `{ hang: true }` to keep it open until the client leaves. Then the body ends.
 */
export async function play(exchange, frames, { chunk, pause, delay, eol, how }, headers = {}) {
  const { response } = exchange;
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', ...headers });
  response.flushHeaders();
  if (delay > 0) await exchange.wait(delay);
  const encoded = (text) => Buffer.from(EOL[eol] === '\n' ? text : text.replaceAll('\n', EOL[eol]));
  const cutter = cutters(chunk);
  let held = Buffer.alloc(0);

  const send = async (last) => {
    let from = 0;
    for (const to of cutter(held, last)) {
      await exchange.write(held.subarray(from, to));
      from = to;
      if (pause > 0) await exchange.wait(pause);
      if (exchange.over) return;
    }
    held = held.subarray(from);
  };

  for await (const frame of frames) {
    if (exchange.over) return;
    if (typeof frame === 'string') {
      held = Buffer.concat([held, encoded(frame)]);
      await send(false);
      continue;
    }
    await send(true);
    if (frame.cut !== undefined) {
      const bytes = encoded(frame.cut);
      await exchange.breakOff(bytes.subarray(0, bytes.length / 2), how);
      return;
    }
    if (frame.hang) await exchange.untilGone();
  }
  await send(true);
  if (!exchange.over) response.end();
}

/** A function that tells where to cut bytes, the last of them only if it is to be all. */
function cutters(chunk) {
  if (chunk === 'event') return (bytes) => (bytes.length > 0 ? [bytes.length] : []);
  if (chunk === 'all') return (bytes, last) => (bytes.length > 0 && (last || bytes.length > MOST_HELD) ? [bytes.length] : []);
  if (chunk !== 'cuts') return (bytes, last) => ends(bytes, last, () => Number(chunk));
  // Always the same sizes, from 1 to 64.
  let seed = 1;
  const next = () => {
    seed = (seed * 48_271) % (2 ** 31 - 1);
    return 1 + (seed % 64);
  };
  // Every other character of several bytes is cut after its first byte, every other CR LF between the two.
  let delicate = 0;
  return (bytes, last) => ends(bytes, last, (from) => {
    const size = next();
    for (let at = from; at < Math.min(from + size, bytes.length - 1); at += 1) {
      if (bytes[at] >= 0xc2 || (bytes[at] === 13 && bytes[at + 1] === 10)) {
        delicate += 1;
        if (delicate % 2 === 1) return at + 1 - from;
      }
    }
    return size;
  });
}

/** The ends of pieces; those that would not be whole are left for later unless these bytes are the last. */
function* ends(bytes, last, sizeAt) {
  let at = 0;
  for (;;) {
    const to = at + sizeAt(at);
    if (to >= bytes.length) break;
    yield to;
    at = to;
  }
  if (last && at < bytes.length) yield bytes.length;
}
