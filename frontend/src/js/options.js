import { check, oneOf, readOptions, refuse, show } from './dictionary.js';
import { report } from './report.js';
import { FETCH, takeRequest } from './request_options.js';

// For each option, a function that returns the value as it is used, or throws the error that `wrong` creates.

const boolean = check('must be true or false', (given) => typeof given === 'boolean');
const milliseconds = check('must be a number of milliseconds from 0, such as 5000', (given) => Number.isFinite(given) && given >= 0);
const count = (example) => check(`must be a whole number from 1, such as ${example}`, (given) => Number.isInteger(given) && given >= 1);
const text = (given) => `${given}`;
const textOrNull = (given) => (given === null ? null : `${given}`);

const BACKOFF = {
  minDelay: milliseconds,
  maxDelay: milliseconds,
  maxAttempts: check('must be a whole number from 0, such as 10', (given) => Number.isInteger(given) && given >= 0),
  stablePeriod: milliseconds,
};

const booleanOrName = check('must be true, false or a name, such as \'news\'', (given) => typeof given === 'boolean' || (typeof given === 'string' && given !== ''));

const SOURCE = {
  // Converted as the platform does.
  withCredentials: Boolean,
  transport: oneOf('native', 'fetch'),
  signal: check('must be an AbortSignal, such as controller.signal', isSignal),
  base,
  reconnect,
  urlProvider,
  lastEventId: (given, wrong) => (/[\0\r\n]/.test(given) ? refuse(wrong('must have no line break and no NUL: no id has them')) : `${given}`),
  lastEventIdParam: textOrNull,
  resumeAfterReload: booleanOrName,
  position,
  endEvent,
  endData: text,
  decode: check('must be a function of the data, such as JSON.parse', isFunction),
  share: booleanOrName,
  suppressDuplicates: count(1000),
  gapEvent: textOrNull,
  openTimeout: milliseconds,
  idleTimeout: milliseconds,
  heartbeatEvent: text,
  pauseWhenHidden: milliseconds,
  probe: boolean,
};

/** The options that the browser's own object supports. */
const PLAIN = ['withCredentials', 'transport', 'signal', 'base'];

const MESSAGES = {
  capacity: count(1024),
  overflow: oneOf('drop-oldest', 'wait'),
  batch: check('must be a whole number from 1, such as 100, or \'frame\'', (given) => given === 'frame' || (Number.isInteger(given) && given >= 1)),
};

const LIST = {
  types: (given, wrong) => listOf(given) ?? refuse(wrong('must be a list of event types, such as ["message"]')),
  prefix: text,
  maxLines: count(1000),
  onStateChange: check('must be a function', isFunction),
};

export function sourceOptions(caller, given) {
  const read = readOptions(caller, given, { ...SOURCE, ...FETCH }, {}, 'such as { withCredentials: true }');
  const fetches = read.transport === 'fetch';
  const plain = !fetches && Object.keys(read).every((name) => PLAIN.includes(name) || read[name] === undefined || read[name] === false);
  const request = takeRequest(caller, read, fetches);
  if (!fetches && read.idleTimeout !== undefined && read.heartbeatEvent === undefined) {
    throw new TypeError(`${caller}: idleTimeout needs heartbeatEvent, the type of event that the server sends when it has nothing else to `
      + 'send: the browser\'s own EventSource shows no comments; or transport: \'fetch\', which does');
  }
  const { reconnect: again, transport, ...settings } = read;
  if (typeof again === 'function') settings.policy = again;
  else settings.backoff = again;
  if (typeof read.endEvent === 'function') {
    settings.endWhen = read.endEvent;
    delete settings.endEvent;
  }
  if (fetches) settings.fetch = request;
  if (read.base !== undefined) resolveAt(read.base, settings);
  return { plain, withCredentials: false, resumeAfterReload: false, probe: false, isReopened: false, ...settings };
}

export function messagesOptions(caller, given, canWait) {
  const read = readOptions(caller, given, MESSAGES, {}, 'such as { capacity: 100 }');
  if (read.overflow === 'wait' && !canWait) {
    throw new TypeError(`${caller}: overflow: 'wait' needs transport: 'fetch', because the browser's own EventSource can't be made to wait; `
      + 'set a larger capacity, and see `dropped`');
  }
  return { capacity: 1024, overflow: canWait ? 'wait' : 'drop-oldest', ...read };
}

/** The options of the list, and those of its source, which the source reads itself. */
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

function isFunction(given) {
  return typeof given === 'function';
}

/** Whether it is an AbortSignal: of any realm, as a page of frames or a test's own DOM has several. */
export function isSignal(given) {
  return typeof given?.aborted === 'boolean' && typeof given.addEventListener === 'function';
}

/** The types of all messages. */
const ALL = Object.freeze({ has: () => true, [Symbol.iterator]: () => [].values() });

/** The types that an iterator wants, and its options, from the arguments of `messages()`. */
export function selection(caller, given, options, canWait) {
  const types = typeof given === 'string' ? [given] : listOf(given);
  if (types === undefined) {
    if (typeof given !== 'object' || given === null || options !== undefined) {
      throw new TypeError(`${caller}: the types must be one, such as 'message', or a list of them, not ${show(given)}`);
    }
    // Options alone.
    const { all = false, ...others } = given;
    if (typeof all !== 'boolean') throw new TypeError(`${caller}: all must be true or false, not ${show(all)}`);
    checkAll(caller, all, canWait);
    return [all ? ALL : new Set(['message']), others];
  }
  if (options?.all) throw new TypeError(`${caller}: all is for every type; leave the types out, as in messages({ all: true })`);
  if (types.length === 0 || types.includes('')) {
    throw new TypeError(`${caller}: ${types.length === 0 ? 'an empty list has no types' : 'no event has the type \'\''}; leave it out for 'message', `
      + 'or give { all: true } for every type');
  }
  warnOfStar(types);
  return [new Set(types), options];
}

/** Throws if every type is requested and the transport can't deliver them. */
export function checkAll(caller, all, canWait) {
  if (all && !canWait) {
    throw new TypeError(`${caller}: every type needs transport: 'fetch'; the browser's own EventSource delivers only types that have a listener`);
  }
}

/** Some libraries use '*' for every type; here it matches only events that the server gives this name. */
export function warnOfStar(types) {
  if (types.includes('*')) {
    console.warn('EventSource: \'*\' is a type like any other; for every type use messages({ all: true }) or onAny(listener), with transport: \'fetch\'');
  }
}

/** The members of an iterable; undefined for a string, because its characters are not event types. */
function listOf(given) {
  return typeof given === 'object' && typeof given?.[Symbol.iterator] === 'function' ? Array.from(given, text) : undefined;
}

/** A function that asks for the next wait, or the numbers of a backoff. */
function reconnect(given, wrong, caller) {
  if (given === true) return {};
  if (given === false || given === null) return undefined;
  if (typeof given === 'function') return (context) => nextDelay(caller, given, context);
  if (typeof given !== 'object') {
    throw wrong('must be true, an object such as { maxDelay: 10000 }, or a function of the failure that returns milliseconds or null');
  }
  return readOptions(`${caller}: reconnect`, given, BACKOFF, {}, 'such as { maxDelay: 10000 }');
}

function nextDelay(caller, decide, context) {
  try {
    const delay = decide(context) ?? null;
    if (delay === null || (Number.isFinite(delay) && delay >= 0)) return delay;
    throw new TypeError(`${caller}: what reconnect returns must be milliseconds from 0, or null to give up, not ${show(delay)}`);
  } catch (error) {
    report(error);
    return null;
  }
}

function base(given, wrong) {
  try {
    return new URL(given).href;
  } catch {
    throw wrong('must be an absolute URL, such as \'https://example.com/\'');
  }
}

/** Also resolves every URL that is returned later with this base. */
function resolveAt(base, settings) {
  const { urlProvider: provide, fetch: request } = settings;
  const resolve = (address) => new URL(address, base).href;
  if (provide !== undefined) settings.urlProvider = async (context) => resolve(await provide(context));
  const resume = request?.resume;
  if (resume === undefined) return;
  request.resume = async (context) => {
    const given = await resume(context);
    if (typeof given?.[0] === 'string') given[0] = resolve(given[0]);
    return given;
  };
}

function urlProvider(given, wrong) {
  if (!isFunction(given)) throw wrong('must be a function, such as async () => `/events?ticket=${await newTicket()}`');
  return async (context) => `${await given(context)}`;
}

/** Wraps a function of a message: if that throws, the error is reported, and `otherwise` returned. */
const ofMessages = (decide, otherwise) => (message) => {
  try {
    return decide(message);
  } catch (error) {
    report(error);
    return otherwise;
  }
};

function endEvent(given, wrong) {
  if (isFunction(given)) return ofMessages((message) => Boolean(given(message)), false);
  if (typeof given === 'string' && given !== '') return given;
  throw wrong('must be a type of event, such as \'done\', or a function of a message, such as ({ data }) => JSON.parse(data).isLast');
}

function position(given, wrong, caller) {
  if (!isFunction(given)) throw wrong('must be a function of a message that returns its ID, such as ({ data }) => JSON.parse(data).id');
  return ofMessages((message) => {
    const id = given(message) ?? undefined;
    if (id === undefined) return undefined;
    if (!(typeof id === 'string' || typeof id === 'bigint' || Number.isFinite(id)) || /[\0\r\n]/.test(id)) {
      throw new TypeError(`${caller}: what position returns must be a string without line breaks or NUL, a number, or undefined, not ${show(id)}`);
    }
    return `${id}`;
  }, undefined);
}

