// The options of a source that can be chosen on the page: the field of each one, and what its text means.
//
// Chosen options are kept as text by name, `{ transport: "fetch", headers: "X-A: 1" }`, without those that are not chosen. In this form
// they go into the page's address and the copied snippets.

/** Only for the transport `fetch`. */
const FETCH = true;

export const OPTIONS = [
  { name: 'transport', label: 'Transport', choices: ['', 'fetch'], words: ['EventSource (the browser’s)', 'fetch'] },
  { name: 'withCredentials', label: 'Send cookies to other origins', flag: true },
  { name: 'types', label: 'Event types besides message', hint: 'tick, gap', help: 'fetch shows every type' },
  { name: 'lastEventId', label: 'Last event ID', hint: 'the id to resume after' },
  { name: 'lastEventIdParam', label: 'URL parameter for the last event ID', hint: 'lastEventId' },
  { name: 'reconnect', label: 'Reconnect when the browser gives up', flag: true },
  { name: 'method', label: 'Method', choices: ['', 'POST', 'PUT', 'PATCH', 'DELETE'], words: ['GET'], fetch: FETCH },
  { name: 'headers', label: 'Headers', hint: 'Authorization: Bearer …', lines: true, fetch: FETCH },
  { name: 'body', label: 'Body', hint: '{"question": "…"}', lines: true, fetch: FETCH },
  { name: 'credentials', label: 'Credentials', choices: ['', 'omit', 'same-origin', 'include'], words: ['same as “Send cookies…”'], fetch: FETCH },
  { name: 'cache', label: 'Cache', choices: ['', 'default', 'reload', 'no-cache', 'force-cache'], words: ['no-store'], fetch: FETCH },
  { name: 'redirect', label: 'Redirects', choices: ['', 'error'], words: ['follow'], fetch: FETCH },
  { name: 'resend', label: 'Send the request again', choices: ['', 'true', 'false', 'before-open'], words: ['depends on the method'], fetch: FETCH },
  { name: 'openTimeout', label: 'Open timeout, ms', hint: '10000', number: true },
  { name: 'idleTimeout', label: 'Idle timeout, ms', hint: '30000', number: true, help: 'with the browser’s EventSource, needs a heartbeat event' },
  { name: 'heartbeatEvent', label: 'Heartbeat event', hint: 'ping' },
  { name: 'gapEvent', label: 'Gap event', hint: 'gap' },
  { name: 'endEvent', label: 'End event', hint: 'done' },
  { name: 'endData', label: 'End data', hint: '[DONE]' },
  { name: 'suppressDuplicates', label: 'IDs remembered to suppress duplicates', hint: '1000', number: true },
  { name: 'maxMessageSize', label: 'Longest message, bytes', hint: '16777216', number: true, fetch: FETCH },
  { name: 'pauseWhenHidden', label: 'Pause when hidden for, ms', hint: '60000', number: true },
  { name: 'resumeAfterReload', label: 'Resume after a reload', flag: true },
  { name: 'share', label: 'Share the connection between tabs', flag: true },
  { name: 'probe', label: 'Ask for the status when the browser gives up', flag: true },
];

/** Picks the options from an object such as the parameters of a link; only texts that are not empty. */
export function chosen(given) {
  const known = OPTIONS.filter(({ name }) => typeof given[name] === 'string' && given[name] !== '');
  return Object.fromEntries(known.map(({ name }) => [name, given[name]]));
}

/** The event types to listen to besides `message`. */
export function typesOf(given) {
  const types = (given.types ?? '').split(/[\s,]+/).filter((type) => type !== '' && type !== 'message');
  return [...new Set(types)];
}

/** Lines of `Name: value` as pairs. Throws an error that says what a line should look like. */
export function headerPairs(text) {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  return lines.map((line) => {
    const at = line.indexOf(':');
    if (at < 1) throw new Error(`“${line}” is not a header. A header is a line such as X-Room: 1.`);
    return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  });
}

/** The options for the class `EventSource`. Throws an error that says which field to change, and how. */
export function sourceOptions(given) {
  const isFetch = given.transport === 'fetch';
  const options = {};
  for (const { name, label, flag, number, fetch } of OPTIONS) {
    const text = given[name];
    if (text === undefined || name === 'types' || (fetch && !isFetch)) continue;
    if (flag) options[name] = true;
    else if (number) options[name] = wholeNumber(label, text);
    else if (name === 'headers') options[name] = headerPairs(text);
    else if (name === 'resend') options[name] = text === 'before-open' ? text : text === 'true';
    else options[name] = text;
  }
  if (options.body !== undefined && options.method === undefined) {
    throw new Error('A GET request has no body: choose the method POST, or clear the body.');
  }
  return options;
}

function wholeNumber(label, text) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`${label}: “${text}” is not a whole number.`);
  return value;
}
