// Reads messages from a file: JSON Lines, HAR, a script for `/raw`, or an event stream as curl saves it.

const MOST = 10_000;
const what = 'It may be JSON Lines, a HAR with event streams, a script for /raw, or an event stream that curl -N has saved.';

/** The newest 10,000 messages in a file's text: `[{ time, type, id, data }, …]`. Throws an error that says what the file should be. */
export function readMessages(text) {
  const messages = ofJson(text) ?? ofLines(text) ?? ofStream(text);
  if (messages.length === 0) throw new Error(`There is no message in this file. ${what}`);
  return messages.slice(-MOST);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function message({ time = 0, type, id, data = '' }) {
  return { time: Number(time) || 0, type: String(type ?? 'message'), id: String(id ?? ''), data: typeof data === 'string' ? data : JSON.stringify(data) };
}

/** The messages of a HAR, or of a script. */
function ofJson(text) {
  const json = parsed(text);
  if (Array.isArray(json)) return ofScript(json);
  if (!Array.isArray(json?.log?.entries)) return undefined;
  return json.log.entries.flatMap((entry) => {
    const kept = entry?._eventSourceMessages;
    if (Array.isArray(kept)) {
      return kept.filter((one) => one !== null && typeof one === 'object')
        .map(({ time, eventName, eventId, data }) => message({ time: time * 1000, type: eventName || 'message', id: eventId, data }));
    }
    const { mimeType, text: body, encoding } = entry?.response?.content ?? {};
    if (!String(mimeType).startsWith('text/event-stream') || typeof body !== 'string') return [];
    const begun = Date.parse(entry.startedDateTime) || 0;
    if (encoding !== 'base64') return ofStream(body, begun);
    const bytes = decoded(body);
    if (bytes === undefined) throw new Error(`The body of ${entry.request?.url ?? 'an entry'} is not valid base64, although the archive says so: save the archive again.`);
    return ofStream(new TextDecoder().decode(bytes), begun);
  });
}

/** The bytes of a base64 text; `undefined` if it is not valid. */
function decoded(base64) {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** The bytes of a script are one stream, in which a pause may be in the middle of a character or a line. */
function ofScript(items) {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const reader = new Reader();
  let time = 0;
  items.forEach((item, at) => {
    const bytes = typeof item === 'string' ? encoder.encode(item) : typeof item?.base64 === 'string' ? decoded(item.base64) : undefined;
    const pause = typeof item?.pause === 'string' ? milliseconds(item.pause) : undefined;
    if (bytes !== undefined) reader.take(decoder.decode(bytes, { stream: true }), time);
    else if (pause !== undefined) time += pause;
    else if (typeof item?.end !== 'string') {
      throw new Error(`Item ${at} is not valid in a /raw script: allowed are a string, {"base64": "…"}, {"pause": "200ms"} and {"end": "eof"}.`);
    }
  });
  return reader.messages;
}

function milliseconds(text) {
  if (/^0+$/.test(text)) return 0;
  const found = /^(\d+)(us|ms|s|m|h)$/.exec(text);
  return found ? Number(found[1]) * { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[found[2]] : undefined;
}

function ofLines(text) {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  // The first line is usually enough to see that a file is something else.
  if (lines.length === 0 || !isObject(parsed(lines[0]))) return undefined;
  return lines.map((line, at) => {
    const json = parsed(line);
    if (!isObject(json) || json.data === undefined) throw new Error(`Line ${at + 1} has no data. A line should look like {"type": "message", "data": "a"}.`);
    return message({ ...json, time: json.at ?? Date.parse(json.time) });
  });
}

function isObject(json) {
  return json !== null && typeof json === 'object';
}

function ofStream(text, time = 0) {
  const reader = new Reader();
  reader.take(text.replace(/^\uFEFF/, ''), time);
  return reader.messages;
}

/** Parses an event stream, piece by piece, as the HTML Standard says: a message that no blank line ends is discarded. */
class Reader {
  messages = [];
  /** The pieces of the current line, which are joined when it ends. */
  #line = [];
  #afterCr = false;
  #lastId = '';
  #type = '';
  #data = [];

  /** Parses text that arrived at `time`. */
  take(text, time) {
    if (text === '') return;
    const rest = this.#afterCr && text.startsWith('\n') ? text.slice(1) : text;
    this.#afterCr = text.endsWith('\r');
    const lines = rest.split(/\r\n|\n|\r/);
    this.#line.push(lines[0]);
    for (const next of lines.slice(1)) {
      this.#endLine(this.#line.join(''), time);
      this.#line = [next];
    }
  }

  #endLine(line, time) {
    if (line === '') {
      if (this.#data.length > 0) this.messages.push(message({ time, type: this.#type || 'message', id: this.#lastId, data: this.#data.join('\n') }));
      this.#type = '';
      this.#data = [];
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#type = value;
    else if (field === 'id' && !value.includes('\0')) this.#lastId = value;
  }
}
