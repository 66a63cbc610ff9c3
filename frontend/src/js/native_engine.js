import { CLOSED, Engine, NOTHING } from './engine.js';
import { sourceOptions } from './options.js';
import { listWhenReady } from './pending_list.js';
import { platformMember } from './platform.js';

/** A cause, as the WebAssembly creates them: a plain object can be posted to another thread with all of its members, unlike an Error. */
function failure(name, message) {
  return Object.assign(Object.create(Error.prototype), { name, message });
}

/** A message, not an event of the connection: a server may use these names for its messages. */
const isMessage = (event) => event instanceof MessageEvent || 'data' in event;

/**
 * The platform's own object reads the stream. Nothing here runs for a message until the page uses something that needs it: an iterator, the
 * last event ID, statistics.
 */
export class NativeEngine extends Engine {
  #object;
  #types = new Set();
  /** The types that this engine has a listener for. */
  #heard = new Set();
  #counts = false;
  #stats = { ...NOTHING };
  #messageAt = null;
  #activityAt = null;
  #attempt = 0;
  #opened = 0;
  /** How many messages have arrived over the connection; undefined if it was opened before they were counted. */
  #came;
  /** A state that is dispatched after the page's listeners have got the event that has caused it. */
  #untold;
  /** The WebAssembly's source over this object, which lists read. */
  #core;
  /** The first listener of the connection's events, and the last. */
  #note = (event) => this.#noted(event);
  #tell = (event) => this.#told(event);
  #take = (event) => this.#took(event);
  canWait = false;

  /** `object` is the source itself; or an object of a fake class that replaces the platform's, whose events are passed on. */
  constructor(source, object) {
    super(source);
    this.#object = object;
    for (const type of ['open', 'error']) {
      this.#on(type, this.#note);
      this.#on(type, this.#tell);
    }
  }

  get isForwarding() {
    return this.#object !== this.source;
  }

  #on(type, listener) {
    const { addEventListener } = this.isForwarding ? this.#object : EventTarget.prototype;
    addEventListener.call(this.#object, type, listener);
  }

  #off(type, listener) {
    const { removeEventListener } = this.isForwarding ? this.#object : EventTarget.prototype;
    removeEventListener.call(this.#object, type, listener);
  }

  #read(name) {
    return this.isForwarding ? this.#object[name] : platformMember(name).get.call(this.source);
  }

  get url() {
    const url = this.#read('url');
    return this.isForwarding ? new URL(url, globalThis.document?.baseURI ?? globalThis.location?.href).href : url;
  }

  get withCredentials() {
    return this.#read('withCredentials');
  }

  get readyState() {
    return this.isClosed ? CLOSED : this.#read('readyState');
  }

  get lastEventId() {
    this.#count();
    return this.behind?.message.lastEventId ?? this.arrivedId;
  }

  get stats() {
    this.#count();
    const age = (time) => (time === null ? null : performance.now() - time);
    return { ...this.#stats, dropped: this.dropped, lastMessageAge: age(this.#messageAt), lastActivityAge: age(this.#activityAt) };
  }

  listen(type) {
    this.#types.add(type);
    this.#hear();
  }

  listened(type) {
    if (type === 'statechange') this.#count();
    this.listen(type);
    if (type !== 'open' && type !== 'error') return;
    // After the page's listeners, so that these get the event before the state.
    this.#off(type, this.#tell);
    this.#on(type, this.#tell);
  }

  left() {
    this.#hear();
  }

  /** Listens to the types that are needed, and to no others. */
  #hear() {
    if (this.isClosed) return;
    const wanted = new Set(this.#counts || this.isForwarding ? this.#types : []);
    for (const { types } of this.iterators) for (const type of types) wanted.add(type);
    for (const type of this.#heard) if (!wanted.has(type)) this.#off(type, this.#take);
    for (const type of wanted) if (!this.#heard.has(type)) this.#on(type, this.#take);
    this.#heard = wanted;
  }

  #count() {
    if (this.#counts || this.isClosed) return;
    this.#counts = true;
    this.#hear();
  }

  /** Whether the event comes from the platform, or from a fake of it: scripts may dispatch any event on the source. */
  #isOwn(event) {
    return event.isTrusted || this.isForwarding;
  }

  #took(event) {
    if (!isMessage(event) || this.isClosed || !this.#isOwn(event)) return;
    if (this.#counts) this.#countMessage(event);
    if (!this.isForwarding) {
      this.arrive(event);
      return;
    }
    const { type, data, lastEventId, origin } = event;
    const message = new MessageEvent(type, { data, lastEventId, origin });
    this.arrive(message);
    this.dispatch(message);
  }

  #countMessage({ data, timeStamp }) {
    this.#stats.messages += 1;
    this.#came += 1;
    if (typeof data === 'string') this.#stats.bytes += data.length;
    this.#messageAt = timeStamp;
    this.#activityAt = timeStamp;
  }

  #noted(event) {
    if (isMessage(event) || this.isClosed || !this.#isOwn(event)) return;
    if (event.type === 'open') {
      if (this.#opened > 0) this.#stats.reconnects += 1;
      this.#opened += 1;
      this.#came = this.#counts ? 0 : undefined;
      this.#attempt = 0;
      this.#activityAt = event.timeStamp;
      this.#change({ name: 'open' });
    } else if (this.#read('readyState') === CLOSED) {
      this.#change({ name: 'closed', reason: 'failure', cause: failure('ConnectionFailedError', gaveUp(this.url)) });
    } else {
      const wasOpen = this.state.name === 'open';
      this.#attempt += 1;
      const cause = failure('DisconnectedError', lost(this.url, wasOpen, this.#came));
      this.#change({ name: 'waiting', attempt: this.#attempt, delay: null, cause });
    }
  }

  #change(state) {
    this.enter(state);
    if (this.isClosed) this.#release();
    this.#untold = state;
    // The state is dispatched even if a listener of the page stops the event.
    setTimeout(() => this.#tellRest());
  }

  #told(event) {
    if (isMessage(event)) return;
    if (this.isForwarding && this.#untold !== undefined) this.dispatch(new Event(event.type));
    this.#tellRest();
  }

  #tellRest() {
    if (this.#untold === undefined) return;
    this.#untold = undefined;
    this.tell();
  }

  end(reason, cause) {
    if (this.isClosed) return;
    this.#shut();
    this.enterEnd(reason, cause);
    // If a listener of `open` or `error` closes the source, that state is not dispatched; the end is, after the event.
    if (this.#untold === undefined) this.tell();
    else this.#untold = this.state;
  }

  #shut() {
    if (this.isForwarding) this.#object.close();
    else platformMember('close').value.call(this.source);
    this.#release();
  }

  /** Releases everything that an ended stream does not need. */
  #release() {
    for (const type of this.#heard) this.#off(type, this.#take);
    const core = this.#core;
    this.#core = undefined;
    core?.close();
    // The source may have been ended by a call of this object.
    if (core !== undefined) queueMicrotask(() => core.free());
  }

  get types() {
    return this.#types;
  }

  get listenedTypes() {
    return this.#types;
  }

  /** Leaves the stream to another engine; returns the data that it needs. */
  leave() {
    this.#shut();
    this.unfollow();
    return this.#left('reconnect()');
  }

  leaveEnded() {
    const left = this.#left('reopen()');
    super.leaveEnded();
    return left;
  }

  #left(call) {
    const { url, withCredentials, arrivedId } = this;
    if (!this.#counts) {
      console.warn(`EventSource: ${call} starts the stream from the beginning; to continue it, read lastEventId when the source is created`);
    }
    return { url, settings: { ...sourceOptions('EventSource', { withCredentials }), lastEventId: arrivedId } };
  }

  list(...given) {
    return listWhenReady((opener) => {
      if (this.isClosed) return undefined;
      this.#core ??= opener.adopt(this.#object, this.url);
      return this.#core.list(...given);
    });
  }
}

const gaveUp = (url) => `the browser gave up on ${url} without saying why; check that the server runs and answers 200 with Content-Type: `
  + 'text/event-stream, and with Access-Control-Allow-Origin if it is cross-origin';

const lost = (url, wasOpen, came) => (wasOpen
  ? `the connection to ${url} broke${came >= 0 ? ` after ${came} message${came === 1 ? '' : 's'}` : ''}; check the network, the server, and proxies, which may close idle connections`
  : `no connection to ${url}; check the network, and that the server runs and allows this page (CORS)`);
