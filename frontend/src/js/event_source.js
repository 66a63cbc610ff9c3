import { defineHandlers } from './handler_attributes.js';
import { Messages } from './messages.js';
import { messagesOptions, sourceOptions, typesOf } from './options.js';
import { nextTask } from './task.js';

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;

/** The types of event that are also dispatched for what happens to the source. */
const OWN_EVENTS = ['open', 'error', 'statechange'];

/** What opens sources; WebAssembly brings it when it starts. */
let opener;

export function install(given) {
  opener = given;
}

/** What only the other modules here may do with a source; set where its private members can be reached. */
let makeList;

/** Makes the list that shows a source's messages. */
export function list(source, ...given) {
  return makeList(source, ...given);
}

/** A state of the connection as the number that the Standard has for it. */
const numberOf = ({ name }) => (name === 'open' ? OPEN : name === 'closed' ? CLOSED : CONNECTING);

/** Whether the Standard has an `error` event where one state follows another. */
function isFailure(before, now) {
  switch (now.name) {
    // Waiting is told twice of one attempt when a probe has looked into it meanwhile.
    case 'waiting': return before.name !== 'waiting' || before.attempt !== now.attempt;
    case 'paused': return before.name === 'open' || (before.name === 'connecting' && now.reason === 'offline');
    case 'closed': return now.cause !== null;
    default: return false;
  }
}

export class EventSource extends EventTarget {
  #handle;
  #url;
  #withCredentials;
  #readyState = CONNECTING;
  #state;
  #iterators = new Set();
  /** What iterators of this object have dropped, past ones too. */
  #dropped = 0;
  #ownTasks;
  /** The length of the data that WebAssembly has not seen. */
  #length = 0;
  #types = new Set();
  /** Whether a listener for messages has ever been added; whether it is still there nobody tells. */
  #hasListened = false;
  /** The newest message, with its number; before the first one, what stands for the place where the source began. */
  #newest;
  /** What can still be asked when there is nothing left in WebAssembly. */
  #last;

  static {
    makeList = (source, ...given) => source.#handle.list(...given);
  }

  constructor(url, init = undefined) {
    if (arguments.length === 0) throw new TypeError('EventSource: the first argument must be a URL, such as "/events"');
    if (opener === undefined) {
      throw new Error('EventSource: its WebAssembly is not loaded yet; `await init()` first, with the default export of this package');
    }
    const address = `${url}`;
    const { transport, ...settings } = sourceOptions('EventSource', init);
    super();
    this.#ownTasks = transport === 'fetch';
    this.#withCredentials = settings.withCredentials;
    this.#handle = opener.open(address, settings, {
      message: (number, raw) => this.#receive(number, raw),
      text: (number, type, data, lastEventId, origin) => this.#receive(number, { type, data, lastEventId, origin }),
      state: (state) => this.#change(state),
      wantsMore: () => this.#wantsMore(),
      excuse: () => this.#excuse(),
      behind: () => this.#behind(),
      end: () => this.#end(),
    });
    this.#url = this.#handle.url;
    this.#newest = { number: 0, message: { lastEventId: this.#handle.lastEventId } };
    this.#enter(this.#handle.state);
    // Its signal had been aborted. A listener that is added now is still told.
    if (this.#readyState === CLOSED) queueMicrotask(() => this.#endUnopened());
  }

  get url() {
    return this.#url;
  }

  get withCredentials() {
    return this.#withCredentials;
  }

  get readyState() {
    return this.#readyState;
  }

  get state() {
    return this.#state;
  }

  get lastEventId() {
    return this.#handle?.lastEventId ?? this.#behind()?.[1] ?? this.#last.lastEventId;
  }

  get stats() {
    const stats = this.#handle?.stats ?? this.#last.statsNow();
    stats.dropped += this.#dropped;
    stats.bytes += this.#length;
    return stats;
  }

  addEventListener(type, callback, options) {
    if (arguments.length < 2) return super.addEventListener(...arguments);
    const name = `${type}`;
    super.addEventListener(name, callback, options);
    // Over the native transport messages come only for the types that are asked for.
    if (callback == null) return;
    this.#listen(name);
    if (!OWN_EVENTS.includes(name)) this.#hasListened = true;
  }

  close() {
    if (this.#readyState === CLOSED) return;
    // At once, although the source may be telling another state just now, and tells this one after that.
    this.#enter({ name: 'closed', reason: 'close', cause: null });
    this.#handle.close();
  }

  reconnect() {
    this.#handle?.reconnect();
  }

  messages(types = 'message', options = undefined) {
    return this.#iterate(typesOf('messages', types), messagesOptions('messages', options, this.#ownTasks));
  }

  [Symbol.asyncIterator]() {
    return this.#iterate(['message'], messagesOptions('messages', undefined, this.#ownTasks), () => this.close());
  }

  #iterate(types, options, left = undefined) {
    const iterator = new Messages(new Set(types), options, {
      dropped: () => { this.#dropped += 1; },
      left: () => {
        this.#iterators.delete(iterator);
        left?.();
      },
    });
    if (this.#readyState === CLOSED) {
      iterator.finish(this.#state.cause);
    } else {
      this.#iterators.add(iterator);
      for (const type of types) this.#listen(type);
    }
    return iterator;
  }

  #listen(type) {
    if (this.#types.has(type)) return;
    this.#types.add(type);
    if (this.#readyState !== CLOSED) this.#handle.listen(type);
  }

  #receive(number, { type, data, lastEventId, origin }) {
    if (this.#readyState === CLOSED) return undefined;
    const message = new MessageEvent(type, { data, lastEventId, origin });
    const before = this.#newest;
    const arrival = { number, message };
    this.#newest = arrival;
    if (!this.#ownTasks && typeof data === 'string') this.#length += data.length;
    const waits = this.#ownTasks ? [nextTask()] : [];
    for (const iterator of this.#iterators) {
      const wait = iterator.push(arrival, before);
      if (wait !== undefined) waits.push(wait);
    }
    super.dispatchEvent(message);
    return waits.length > 1 ? Promise.all(waits) : waits[0];
  }

  /** Whether someone here would take more now. */
  #wantsMore() {
    return this.#hasListened || [...this.#iterators].some(({ wantsMore }) => wantsMore);
  }

  /** Waits no longer for iterators that nobody has read for seconds. */
  #excuse() {
    for (const iterator of this.#iterators) if (iterator.isFull) iterator.excuse();
  }

  /** The number and the id of the message that the slowest reader took last; undefined if no message waits for a reader. */
  #behind() {
    let slowest;
    for (const { behind } of this.#iterators) {
      if (behind !== undefined && (slowest === undefined || behind.number < slowest.number)) slowest = behind;
    }
    return slowest && [slowest.number, slowest.message.lastEventId];
  }

  #change(state) {
    const before = this.#state;
    if (this.#readyState !== CLOSED) this.#enter(state);
    // Closed by hand: of what came before that nothing is told any more, nor why it might have ended by itself.
    else if (state.name !== 'closed') return;
    const now = this.#state;
    if (now.name === 'open') super.dispatchEvent(new Event('open'));
    else if (isFailure(before, now)) super.dispatchEvent(new Event('error'));
    // Where a listener has closed it, that is told next.
    if (this.#state === now) this.#tell();
  }

  #enter(state) {
    this.#state = state;
    this.#readyState = numberOf(state);
    if (this.#readyState !== CLOSED) return;
    // They stay known: what they hold may still be read.
    for (const iterator of this.#iterators) iterator.finish(state.cause);
  }

  #tell() {
    super.dispatchEvent(new CustomEvent('statechange', { detail: this.#state }));
  }

  #endUnopened() {
    this.#tell();
    this.#end();
  }

  #end() {
    const handle = this.#handle;
    const { lastEventId, stats } = handle;
    const at = performance.now();
    const aged = (age) => (age === null ? null : age + performance.now() - at);
    this.#last = {
      lastEventId,
      statsNow: () => ({ ...stats, lastMessageAge: aged(stats.lastMessageAge), lastActivityAge: aged(stats.lastActivityAge) }),
    };
    this.#handle = undefined;
    // What has ended the source may be a call of the handle.
    queueMicrotask(() => handle.free());
  }
}

defineHandlers(EventSource, ['open', 'message', 'error']);

// As the platform's: what a script sees of an object by looking at it.
const constant = (value) => ({ value, enumerable: true });
const constants = { CONNECTING: constant(CONNECTING), OPEN: constant(OPEN), CLOSED: constant(CLOSED) };
Object.defineProperties(EventSource, constants);
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
