// Recorded messages as text: JSON Lines, HAR, and the script of a `/raw` that plays them again.

/** A message in a line: `{"time":"…","type":"message","id":"…","data":"…"}`. */
export function jsonLines(messages) {
  const line = ({ time, type, id, data }) => JSON.stringify({ time: new Date(time).toISOString(), at: time, type, id, data });
  return [...messages].map((message) => `${line(message)}\n`).join('');
}

/** A message as a server sends it. */
export function block({ type, id, data }, idBefore = '') {
  const lines = data.split('\n').map((line) => `data: ${line}\n`);
  if (type !== 'message') lines.unshift(`event: ${type}\n`);
  if (id !== idBefore) lines.unshift(id === '' ? 'id\n' : `id: ${id}\n`);
  return `${lines.join('')}\n`;
}

/**
 * An HTTP archive with an entry for each of the `attempts`, `[{ began, isOpen, status, headers }]`, the oldest first: with its messages and
 * what is known of its answer. Of requests it has what every one of a source has.
 */
export function har(url, method, attempts, messages) {
  const all = [...messages];
  const known = attempts.length > 0 ? attempts : [{ began: all[0]?.time ?? Date.now(), isOpen: true, status: null, headers: [] }];
  // What came before the first that is known belongs to one that is kept no more, and is shown with that.
  const beginOf = (at) => (at === 0 ? -Infinity : known[at]?.began ?? Infinity);
  let idBefore = '';
  const entries = known.map((attempt, at) => {
    const its = all.filter(({ time }) => time >= beginOf(at) && time < beginOf(at + 1));
    const entry = entryOf(url, method, attempt, its, at === 0 ? '' : idBefore);
    idBefore = its.at(-1)?.id ?? idBefore;
    return entry;
  });
  return JSON.stringify({ log: { version: '1.2', creator: { name: 'eventsource-wasm console', version: '1' }, entries } }, null, 1);
}

const pairs = (given) => [...given].map(([name, value]) => ({ name, value }));

function entryOf(url, method, { began, isOpen, status, headers }, messages, lastEventId) {
  const start = Math.min(began, messages[0]?.time ?? began);
  const time = (messages.at(-1)?.time ?? start) - start;
  const body = messages.map((message, at) => block(message, messages[at - 1]?.id)).join('');
  const asked = [['accept', 'text/event-stream'], ...(lastEventId === '' ? [] : [['last-event-id', lastEventId]])];
  return {
    startedDateTime: new Date(start).toISOString(),
    time,
    request: {
      method, url, httpVersion: 'HTTP/1.1', cookies: [], headers: pairs(asked),
      queryString: pairs(new URL(url).searchParams), headersSize: -1, bodySize: -1,
    },
    response: {
      // 0 is an answer that did not come.
      status: status ?? (isOpen ? 200 : 0), statusText: '', httpVersion: 'HTTP/1.1', cookies: [], headers: pairs(headers),
      content: { size: new TextEncoder().encode(body).length, mimeType: 'text/event-stream', text: body }, redirectURL: '', headersSize: -1, bodySize: -1,
    },
    cache: {},
    timings: { send: 0, wait: 0, receive: time },
    // As Chromium's own archives have them.
    _eventSourceMessages: messages.map(({ time: at, type, id, data }) => ({ time: at / 1000, eventName: type, eventId: id, data })),
  };
}

/** What a script may have, by the dev server's help: items, JSON in bytes, and pauses together in milliseconds. */
const ITEMS = 9_000;
const SIZE = 1_000_000;
const PAUSES = 590_000;
/** What a pause and the commas take, in bytes. */
const PAUSE_SIZE = 24;

const encoder = new TextEncoder();

/**
 * The script for `POST /raw` that plays the newest messages with the gaps between them, as many as a script may have; with their own bytes
 * where `wire` has them.
 */
export function rawScript(messages, wire = null) {
  const all = [...messages];
  const items = [];
  let size = 2;
  let pauses = 0;
  for (let at = all.length - 1; at >= 0; at -= 1) {
    const { number, gap } = all[at];
    const piece = asItem(wire?.get(number), block(all[at], all[at - 1]?.id));
    const pause = Math.round(gap ?? 0);
    size += encoder.encode(JSON.stringify(piece)).length + PAUSE_SIZE;
    pauses += pause;
    if (items.length + 2 > ITEMS || size > SIZE || pauses > PAUSES) break;
    items.unshift(piece);
    if (pause > 0 && at > 0) items.unshift({ pause: `${pause}ms` });
  }
  if (items.length === 0 && all.length > 0) throw new Error('The newest message is longer than a /raw script may be, which has 1 MB: save JSON Lines or HAR instead.');
  if (typeof items[0] === 'object' && 'pause' in items[0]) items.shift();
  return JSON.stringify(items);
}

function asItem(wired, text) {
  if (!wired?.isWhole) return text;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(wired.bytes);
  } catch {
    // Not all at once: a function takes only so many arguments.
    let text = '';
    for (let at = 0; at < wired.bytes.length; at += 8192) text += String.fromCharCode(...wired.bytes.subarray(at, at + 8192));
    return { base64: btoa(text) };
  }
}
