// Recorded messages as text: JSON Lines, HAR, and a script for `/raw` that plays them again.

/** A line for each message: `{"time":"…","at":…,"type":"message","id":"…","data":"…"}`. */
export function jsonLines(messages) {
  const line = ({ time, type, id, data }) => JSON.stringify({ time: new Date(time).toISOString(), at: time, type, id, data });
  return [...messages].map((message) => `${line(message)}\n`).join('');
}

/** A message in the event stream format, without an `id` line if the id is that of the message before. */
export function block({ type, id, data }, idBefore = '') {
  const lines = data.split('\n').map((line) => `data: ${line}\n`);
  if (type !== 'message') lines.unshift(`event: ${type}\n`);
  if (id !== idBefore) lines.unshift(id === '' ? 'id\n' : `id: ${id}\n`);
  return `${lines.join('')}\n`;
}

/**
 * An HTTP archive with an entry for each of the `attempts`, `[{ began, isOpen, status, headers }]`, oldest first: its messages and what
 * is known of its response. Its requests have only the headers that all requests of a source have.
 */
export function har(url, method, attempts, messages) {
  const all = [...messages];
  const known = attempts.length > 0 ? attempts : [{ began: all[0]?.time ?? Date.now(), isOpen: true, status: null, headers: [] }];
  // Messages from before the first known attempt belong to one that is no longer kept; they go into the first entry.
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
      // 0 means that there was no response.
      status: status ?? (isOpen ? 200 : 0), statusText: '', httpVersion: 'HTTP/1.1', cookies: [], headers: pairs(headers),
      content: { size: new TextEncoder().encode(body).length, mimeType: 'text/event-stream', text: body }, redirectURL: '', headersSize: -1, bodySize: -1,
    },
    cache: {},
    timings: { send: 0, wait: 0, receive: time },
    // The format of Chromium's own archives.
    _eventSourceMessages: messages.map(({ time: at, type, id, data }) => ({ time: at / 1000, eventName: type, eventId: id, data })),
  };
}

/** Limits of a script, a little below those of the dev server: items, bytes of JSON, and the sum of its pauses in milliseconds. */
const ITEMS = 9_000;
const SIZE = 1_000_000;
const PAUSES = 590_000;
/** The size of a pause with its commas, in bytes. */
const PAUSE_SIZE = 24;

const encoder = new TextEncoder();

/**
 * The script for `POST /raw` that plays the newest messages, as many as a script may have, with the gaps between them. Their original
 * bytes are used where `wire` has them.
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
  if (items.length === 0 && all.length > 0) throw new Error('The newest message is too long for a /raw script, which may have 1 MB: save JSON Lines or HAR instead.');
  if (typeof items[0] === 'object' && 'pause' in items[0]) items.shift();
  return JSON.stringify(items);
}

function asItem(wired, text) {
  if (!wired?.isWhole) return text;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(wired.bytes);
  } catch {
    // In parts, because the number of arguments of a function is limited.
    let text = '';
    for (let at = 0; at < wired.bytes.length; at += 8192) text += String.fromCharCode(...wired.bytes.subarray(at, at + 8192));
    return { base64: btoa(text) };
  }
}
