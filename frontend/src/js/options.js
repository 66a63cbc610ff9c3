import { report } from './report.js';

/** What a name among the options means: `read` gives the value as it is used, or throws what `wrong` makes. */

const boolean = check('must be true or false', (given) => typeof given === 'boolean');
const milliseconds = check('must be a number of milliseconds from 0, such as 5000', (given) => Number.isFinite(given) && given >= 0);
const count = (example) => check(`must be a whole number from 1, such as ${example}`, (given) => Number.isInteger(given) && given >= 1);
const oneOf = (...values) => check(`must be ${either(values.map((value) => `'${value}'`))}`, (given) => values.includes(given));
const text = (given) => `${given}`;
const textOrNull = (given) => (given === null ? null : `${given}`);

const BACKOFF = {
  minDelay: milliseconds,
  maxDelay: milliseconds,
  maxAttempts: check('must be a whole number from 0, such as 10', (given) => Number.isInteger(given) && given >= 0),
  stablePeriod: milliseconds,
};

const SOURCE = {
  // As the platform reads it.
  withCredentials: Boolean,
  transport: oneOf('native', 'fetch'),
  signal: check('must be an AbortSignal, such as controller.signal', isSignal),
  reconnect,
  urlProvider,
  lastEventId: (given, wrong) => (/[\0\r\n]/.test(given) ? refuse(wrong('must have no line break and no NUL: no id has them')) : `${given}`),
  lastEventIdParam: textOrNull,
  resumeAfterReload: check('must be true, false or a key, such as \'news\'', (given) => typeof given === 'boolean' || (typeof given === 'string' && given !== '')),
  suppressDuplicates: count(1000),
  gapEvent: textOrNull,
  openTimeout: milliseconds,
  idleTimeout: milliseconds,
  heartbeatEvent: text,
  pauseWhenHidden: milliseconds,
  probe: boolean,
};

/** What only `fetch` can serve. */
const FETCH = {
  method: text,
  headers,
  body: (given) => given,
  credentials: oneOf('omit', 'same-origin', 'include'),
  mode: oneOf('cors', 'same-origin'),
  cache: oneOf('default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'),
  redirect: oneOf('follow', 'error'),
  referrerPolicy: oneOf('', 'no-referrer', 'no-referrer-when-downgrade', 'origin', 'origin-when-cross-origin', 'same-origin',
    'strict-origin', 'strict-origin-when-cross-origin', 'unsafe-url'),
  resend: boolean,
  maxMessageSize: count(16_777_216),
};

/** What the browser's own object does too. */
const PLAIN = ['withCredentials', 'transport', 'signal'];

/** What the browser's own object does in place of that, where there is something to say. */
const INSTEAD = {
  method: 'it always sends GET',
  headers: 'it sends none of a script\'s; what a header would say can go into the URL or a cookie',
  body: 'it sends none',
  credentials: 'withCredentials: true is its \'include\'',
};

const MESSAGES = {
  capacity: count(1024),
  overflow: oneOf('drop-oldest', 'wait'),
  batch: check('must be a whole number from 1, such as 100, or \'frame\'', (given) => given === 'frame' || (Number.isInteger(given) && given >= 1)),
};

const LIST = {
  types: (given, wrong) => listOf(given) ?? refuse(wrong('must be a list of event types, such as ["message"]')),
  prefix: text,
  maxLines: count(1000),
  onStateChange: check('must be a function', (given) => typeof given === 'function'),
};

export function sourceOptions(caller, given) {
  const read = readOptions(caller, given, { ...SOURCE, ...FETCH }, {}, 'such as { withCredentials: true }');
  const fetches = read.transport === 'fetch';
  const plain = !fetches && Object.keys(read).every((name) => PLAIN.includes(name) || read[name] === undefined || read[name] === false);
  const request = {};
  for (const name of Object.keys(FETCH)) {
    if (!(name in read)) continue;
    if (fetches) {
      request[name] = read[name];
      delete read[name];
    } else {
      const instead = INSTEAD[name] === undefined ? '' : `: ${INSTEAD[name]}`;
      throw new TypeError(`${caller}: ${name} needs transport: 'fetch'; the browser's own EventSource can't do that${instead}`);
    }
  }
  if (!fetches && read.idleTimeout !== undefined && read.heartbeatEvent === undefined) {
    throw new TypeError(`${caller}: idleTimeout needs heartbeatEvent, the type of event that the server sends when it has nothing else to `
      + 'send: the browser\'s own EventSource shows no comments; or transport: \'fetch\', which does');
  }
  const { reconnect: again, transport, ...settings } = read;
  if (typeof again === 'function') settings.policy = again;
  else settings.backoff = again;
  if (fetches) settings.fetch = request;
  return { plain, withCredentials: false, resumeAfterReload: false, probe: false, ...settings };
}

/** Has the browser say what it would refuse to send: before there is a connection, and before the WebAssembly is there. */
export function checkRequest(caller, url, { fetch }) {
  if (fetch === undefined) return;
  const { headers: _, resend, maxMessageSize, ...request } = fetch;
  if (Object.prototype.toString.call(request.body) === '[object ReadableStream]') {
    throw new TypeError(`${caller}: a ReadableStream can't be sent a second time; give a string, a Blob or a buffer as the body`);
  }
  try {
    new Request(url, request);
  } catch (cause) {
    throw new TypeError(`${caller}: the browser refuses to make this request: ${cause.message}`, { cause });
  }
}

export function messagesOptions(caller, given, canWait) {
  const read = readOptions(caller, given, MESSAGES, {}, 'such as { capacity: 100 }');
  if (read.overflow === 'wait' && !canWait) {
    throw new TypeError(`${caller}: overflow: 'wait' needs transport: 'fetch', because the browser's own EventSource can't be made to wait; `
      + 'give a larger capacity, and see `dropped`');
  }
  return { capacity: 1024, overflow: canWait ? 'wait' : 'drop-oldest', ...read };
}

/** Those of the list; and those of its source, which that reads itself. */
export function listOptions(caller, given, ownSource) {
  const others = { ...SOURCE, ...FETCH };
  const read = readOptions(caller, given, LIST, others, 'such as { maxLines: 100 }');
  const settings = {};
  for (const name of Object.keys(others)) {
    const value = given?.[name];
    if (value === undefined) continue;
    if (!ownSource) throw new TypeError(`${caller}: ${name} belongs to the source; give it to new EventSource(url, { ${name} })`);
    settings[name] = value;
  }
  return [read, settings];
}

/** Whether it is an AbortSignal: of any realm, as a page of frames or a test's own DOM has several. */
function isSignal(given) {
  return typeof given?.aborted === 'boolean' && typeof given.addEventListener === 'function';
}

/** One type of event, or a list of them. */
export function typesOf(caller, given) {
  if (typeof given === 'string') return [given];
  return listOf(given) ?? refuse(new TypeError(`${caller}: the types must be one, such as 'message', or a list of them, not ${show(given)}`));
}

/** What an iterable has; nothing of a string, whose characters are nobody's event types. */
function listOf(given) {
  return typeof given === 'object' && typeof given?.[Symbol.iterator] === 'function' ? Array.from(given, text) : undefined;
}

function refuse(error) {
  throw error;
}

/**
 * Reads the members of `table` that are there, as the platform reads a dictionary, and warns of those that are in no
 * table: a slip in a name would else do nothing, and tell nobody.
 */
function readOptions(caller, given, table, others, example) {
  const read = {};
  if (given === undefined || given === null) return read;
  if (typeof given !== 'object' && typeof given !== 'function') {
    throw new TypeError(`${caller}: options must be an object, ${example}, not ${show(given)}`);
  }
  for (const [name, readMember] of Object.entries(table)) {
    const value = given[name];
    if (value === undefined) continue;
    read[name] = readMember(value, (rule) => new TypeError(`${caller}: ${name} ${rule}, not ${show(value)}`), caller);
  }
  const known = [...Object.keys(table), ...Object.keys(others)];
  for (const name in given) {
    if (!known.includes(name)) console.warn(`${caller}: there is no option "${name}"${suggestion(name, known)}; it is ignored`);
  }
  return read;
}

/** A function that asks for the next wait, or the numbers of a backoff. */
function reconnect(given, wrong, caller) {
  if (given === true) return {};
  if (given === false || given === null) return undefined;
  if (typeof given === 'function') return (context) => nextDelay(caller, given, context);
  if (typeof given !== 'object') {
    throw wrong('must be true, an object such as { maxDelay: 10000 }, or a function of the failure that gives milliseconds or null');
  }
  return readOptions(`${caller}: reconnect`, given, BACKOFF, {}, 'such as { maxDelay: 10000 }');
}

function nextDelay(caller, decide, context) {
  try {
    const delay = decide(context) ?? null;
    if (delay === null || (Number.isFinite(delay) && delay >= 0)) return delay;
    throw new TypeError(`${caller}: what reconnect gives must be milliseconds from 0, or null to give up, not ${show(delay)}`);
  } catch (error) {
    report(error);
    return null;
  }
}

function urlProvider(given, wrong) {
  if (typeof given !== 'function') throw wrong('must be a function, such as async () => `/events?ticket=${await newTicket()}`');
  return async () => `${await given()}`;
}

/** Pairs, or a function that promises them; `Headers` itself says what is wrong with a name or a value. */
function headers(given) {
  const pairs = (from) => [...new Headers(from)];
  return typeof given === 'function' ? async (context) => pairs(await given(context)) : pairs(given);
}

function check(rule, holds) {
  return (given, wrong) => {
    if (holds(given)) return given;
    throw wrong(rule);
  };
}

function either(words) {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** A value as a message can show it. */
function show(value) {
  if (typeof value === 'function') return 'a function';
  let shown;
  try {
    shown = typeof value === 'number' ? `${value}` : JSON.stringify(value);
  } catch {
    // Circular, or with a getter that throws.
  }
  return (shown ?? typeof value).slice(0, 40);
}

function suggestion(name, known) {
  const distances = known.map((candidate) => distance(name.toLowerCase(), candidate.toLowerCase()));
  const least = Math.min(...distances);
  return least <= Math.max(2, name.length / 3) ? `; did you mean "${known[distances.indexOf(least)]}"?` : '';
}

/** How many letters have to be put in, left out or changed to make one word of another. */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}
