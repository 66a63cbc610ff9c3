// Reads messages from a file: JSON Lines, HAR, a script of `/raw`, or an event stream as curl saves it.

const MOST = 10_000;
const what = 'It may be JSON Lines, an HAR with event streams, a script of /raw, or a text of the type text/event-stream.';

/** The messages of a file's text, the newest 10,000: `[{ time, type, id, data }, …]`. An error says what the file should be. */
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

function message({ time = 0, type = 'message', id = '', data = '' }) {
  return { time: Number(time) || 0, type: String(type), id: String(id), data: typeof data === 'string' ? data : JSON.stringify(data) };
}

/** Of an HAR, or of a script. */
function ofJson(text) {
  const json = parsed(text);
  if (Array.isArray(json)) return ofScript(json);
  if (!Array.isArray(json?.log?.entries)) return undefined;
  return json.log.entries.flatMap((entry) => {
    if (Array.isArray(entry?._eventSourceMessages)) {
      return entry._eventSourceMessages.map(({ time, eventName, eventId, data }) => message({ time: time * 1000, type: eventName || 'message', id: eventId ?? '', data }));
    }
    const { mimeType = '', text: body = '', encoding } = entry?.response?.content ?? {};
    if (!mimeType.startsWith('text/event-stream')) return [];
    const begun = Date.parse(entry.startedDateTime) || 0;
    return ofStream(encoding === 'base64' ? decoded(body) : body, begun);
  });
}

function decoded(base64) {
  return new TextDecoder().decode(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
}

function ofScript(items) {
  let time = 0;
  const messages = [];
  let text = '';
  for (const item of items) {
    if (typeof item === 'string') text += item;
    else if (typeof item?.base64 === 'string') text += decoded(item.base64);
    else if (typeof item?.pause === 'string') {
      messages.push(...ofStream(text, time));
      text = text.replace(/^[^]*(\r\n\r\n|\n\n|\r\r)/, '');
      time += milliseconds(item.pause);
    }
  }
  return [...messages, ...ofStream(text, time)];
}

function milliseconds(text) {
  const found = /^(\d+)(us|ms|s|m)?$/.exec(text);
  return found ? Number(found[1]) * { us: 0.001, ms: 1, s: 1000, m: 60_000 }[found[2] ?? 'ms'] : 0;
}

function ofLines(text) {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const all = lines.map(parsed);
  if (lines.length === 0 || all.some((line) => line === null || typeof line !== 'object')) return undefined;
  return all.map((line) => message({ ...line, time: line.at ?? Date.parse(line.time) }));
}

/** The messages of an event stream, by the Standard; what no blank line ends is none. */
function ofStream(text, time = 0) {
  const messages = [];
  let lastId = '';
  let type = '';
  let data = [];
  for (const line of text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) {
    if (line === '') {
      if (data.length > 0) messages.push(message({ time, type: type || 'message', id: lastId, data: data.join('\n') }));
      type = '';
      data = [];
      continue;
    }
    const [, field, value] = /^([^:]*)(?:: ?(.*))?$/.exec(line);
    if (field === 'data') data.push(value ?? '');
    else if (field === 'event') type = value ?? '';
    else if (field === 'id' && !value?.includes('\0')) lastId = value ?? '';
  }
  return messages;
}
