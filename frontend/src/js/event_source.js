import { checkCore, withCore } from './core.js';
import { CLOSED, CONNECTING, OPEN } from './engine.js';
import { defineHandlers } from './handler_attributes.js';
import { NativeEngine } from './native_engine.js';
import { isSignal, sourceOptions, warnOfStar } from './options.js';
import { PendingEngine, resolve } from './pending_engine.js';
import { first, firstIsOwn, isOwn, platformClass, platformMember } from './platform.js';
import { checkResponse } from './request_options.js';

/** The engine of each source, which reads its stream. */
const engines = new WeakMap();

/** Sources that are the platform's own objects. */
const native = new WeakSet();

function engineOf(source) {
  const engine = engines.get(source);
  if (engine === undefined) throw new TypeError('EventSource: this member can only be used on an EventSource');
  return engine;
}

/** Makes the WebAssembly read a source, now or as soon as it is loaded, unless its signal is aborted before. */
function open(pending, signal) {
  const { source } = pending;
  engines.set(source, pending);
  pending.obey(signal);
  if (signal?.aborted) {
    pending.abort(signal);
    return;
  }
  let now = true;
  withCore(({ makeEngine }) => {
    if (pending.isClosed) return;
    try {
      const engine = makeEngine(pending);
      engines.set(source, engine);
      pending.leaveTo(engine);
      engine.obey(signal);
    } catch (error) {
      // A constructor can throw; later, no caller could catch the error.
      if (now) {
        pending.unfollow();
        throw error;
      }
      pending.fail(error);
    }
  }, (cause) => pending.fail(cause), Boolean(pending.settings.share));
  now = false;
}

/** Whether the source that is being created has to use the WebAssembly, although its options don't need it. */
let forCore = false;

/** The key in the options for the response that the source reads first. */
const GIVEN = Symbol('the given response');

/** Opens a source again that another engine has left. */
function openAnew(source, before, { url, settings }) {
  const pending = new PendingEngine(source, url, settings, before);
  engines.set(source, pending);
  pending.obey(before.signal);
  pending.tell();
  if (pending.isClosed) return;
  try {
    open(pending, before.signal);
  } catch (error) {
    pending.fail(error);
  }
}

/** Tells what an engine has come to, before another one takes its place; whether it still is the source's, and in this state. */
function isStill(source, engine, isClosed) {
  engine.tell();
  return engineOf(source) === engine && engine.isClosed === isClosed;
}

/** Creates a source whose messages only the WebAssembly needs. */
export function sourceForCore(...given) {
  forCore = true;
  try {
    return new EventSource(...given);
  } finally {
    forCore = false;
  }
}

/** Makes the list that shows a source's messages. */
export function list(source, ...given) {
  return engineOf(source).list(...given);
}

export class EventSource extends EventTarget {
  constructor(url, init = undefined) {
    if (arguments.length === 0) throw new TypeError('EventSource: the first argument must be a URL, such as "/events"');
    const { plain, signal, base, ...settings } = sourceOptions('EventSource', init);
    const address = base === undefined ? `${url}` : resolve(`${url}`, base);
    const given = init?.[GIVEN];
    const Platform = platformClass();
    const { withCredentials } = settings;
    if (!plain || forCore || signal?.aborted || Platform === undefined) {
      // Where the platform has no such class, scripts still have `fetch`.
      if (Platform === undefined) settings.fetch ??= {};
      super();
      if (given !== undefined) {
        given.isTaken = true;
        settings.fetch.response = given.response;
      }
      open(new PendingEngine(this, address, settings), signal);
      return;
    }
    if (Platform === first && firstIsOwn) {
      // The browser's own object, with the prototype of whatever class is being made.
      const source = Reflect.construct(Platform, [address, { withCredentials }], new.target);
      native.add(source);
      engines.set(source, new NativeEngine(source, source));
      engineOf(source).obey(signal);
      return source;
    }
    super();
    engines.set(this, new NativeEngine(this, new Platform(address, { withCredentials })));
    engineOf(this).obey(signal);
  }

  get url() {
    return engineOf(this).url;
  }

  get withCredentials() {
    return engineOf(this).withCredentials;
  }

  get readyState() {
    return engineOf(this).readyState;
  }

  static fromResponse(response, options = undefined) {
    checkResponse('EventSource.fromResponse', response);
    const given = { response, isTaken: false };
    const source = new this(response.url || 'about:blank', { ...options, transport: 'fetch', [GIVEN]: given });
    if (!given.isTaken) {
      source.close?.();
      throw new TypeError('EventSource.fromResponse: the subclass must pass its options to EventSource unchanged');
    }
    return source;
  }

  get state() {
    return engineOf(this).state;
  }

  get response() {
    return engineOf(this).response;
  }

  get lastEventId() {
    return engineOf(this).lastEventId;
  }

  get stats() {
    return engineOf(this).stats;
  }

  addEventListener(type, callback, options) {
    if (arguments.length < 2) return super.addEventListener(...arguments);
    const name = `${type}`;
    warnOfStar([name]);
    super.addEventListener(name, callback, options);
    if (callback != null) engineOf(this).listened(name);
  }

  onAny(listener, options = undefined) {
    const { signal } = options ?? {};
    if (signal !== undefined && !isSignal(signal)) {
      throw new TypeError('onAny: signal must be an AbortSignal, such as controller.signal');
    }
    if (typeof listener !== 'function' && typeof listener?.handleEvent !== 'function') {
      throw new TypeError('onAny: the listener must be a function of an event, or an object with handleEvent()');
    }
    return engineOf(this).listenAlways(listener, signal);
  }

  close() {
    engineOf(this).end('close');
  }

  reopen() {
    const engine = engineOf(this);
    if (!engine.isClosed) return;
    if (engine.signal?.aborted) throw engine.signal.reason;
    checkCore();
    if (isStill(this, engine, true)) openAnew(this, engine, engine.leaveEnded());
  }

  reconnect() {
    const engine = engineOf(this);
    if (!(engine instanceof NativeEngine)) {
      engine.reconnect();
    } else if (!engine.isClosed) {
      // The platform's object can't reconnect on request.
      checkCore();
      if (isStill(this, engine, false)) openAnew(this, engine, engine.leave());
    }
  }

  messages(types = 'message', options = undefined) {
    return engineOf(this).iterate(types, options, false);
  }

  json() {
    return this[Symbol.asyncIterator]().json();
  }

  [Symbol.asyncIterator]() {
    return engineOf(this).iterate('message', undefined, true);
  }
}

isOwn(EventSource);
// So that a source is an instance of the platform's class, too, as it may be.
if (first !== undefined) Object.setPrototypeOf(EventSource.prototype, first.prototype);
defineHandlers(EventSource, ['open', 'message', 'error'], {
  attribute: (source, name) => (native.has(source) ? platformMember(name) : undefined),
  set: (source, type) => engineOf(source).listened(type),
});

// As on the platform's class: what a script sees when it inspects an object.
const constant = (value) => ({ value, enumerable: true });
const constants = { CONNECTING: constant(CONNECTING), OPEN: constant(OPEN), CLOSED: constant(CLOSED) };
// Its name, too, where a build has shortened names.
Object.defineProperties(EventSource, { ...constants, name: { value: 'EventSource', configurable: true } });
Object.defineProperties(EventSource.prototype, {
  ...constants,
  url: { enumerable: true },
  withCredentials: { enumerable: true },
  readyState: { enumerable: true },
  close: { enumerable: true },
  [Symbol.toStringTag]: { value: 'EventSource', configurable: true },
});
if (Symbol.dispose) {
  Object.defineProperty(EventSource.prototype, Symbol.dispose, { value: EventSource.prototype.close, writable: true, configurable: true });
}
