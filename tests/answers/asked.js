// What was asked under each key, for tests to look at: `GET /asked?key=…`.

const MOST_KEYS = 1000;
const MOST_REQUESTS = 200;
const MOST_PATHS = 200;
/** Of one body. */
const MOST_TEXT = 64 * 1024;
/** Of all bodies. */
const MOST_TEXTS = 64 * 1024 * 1024;
const FORGOTTEN_AFTER = 10 * 60_000;

/** By key, the one used last at the end. */
const keys = new Map();
let texts = 0;

setInterval(() => {
  for (const [key, { used }] of keys) {
    if (Date.now() - used > FORGOTTEN_AFTER) forget(key);
  }
}, 30_000).unref();

function forget(key) {
  const known = keys.get(key);
  known.forgotten = true;
  texts -= known.texts;
  keys.delete(key);
}

const oldest = () => keys.keys().next().value;

/** What is kept of a key: its requests, and what protocols remember (`answers`). */
export function entry(key) {
  const known = keys.get(key) ?? { count: 0, preflights: 0, requests: [], paths: new Map(), answers: new Map(), texts: 0, forgotten: false };
  known.used = Date.now();
  keys.delete(key);
  keys.set(key, known);
  if (keys.size > MOST_KEYS) forget(oldest());
  return known;
}

/** Notes a request; its response is watched by exchange.js, which fills in the rest. Of a long body its beginning is kept, as text. */
export function note(key, request, path, text, body) {
  const known = entry(key);
  const kept = text.slice(0, MOST_TEXT);
  known.texts += kept.length;
  texts += kept.length;
  while (texts > MOST_TEXTS && keys.size > 1) forget(oldest());
  known.count += 1;
  if (known.paths.size > MOST_PATHS) known.paths.clear();
  known.paths.set(path, (known.paths.get(path) ?? 0) + 1);
  const told = {
    method: request.method,
    path,
    query: request.url.split('?')[1] ?? '',
    headers: request.headers,
    body: text.length > MOST_TEXT ? kept : body,
    status: null,
    state: 'open',
    left: false,
    bytes: 0,
    events: 0,
  };
  known.requests.push(told);
  if (known.requests.length > MOST_REQUESTS) known.requests.shift();
  return told;
}

export function asked(key) {
  const { count, preflights, requests } = keys.get(key) ?? { count: 0, preflights: 0, requests: [] };
  return { count, preflights, requests };
}
