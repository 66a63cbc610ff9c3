import { defineHandlers } from './handler_attributes.js';
import { Messages } from './messages.js';
import { messagesOptions, sourceOptions, typesOf } from './options.js';
import { nextTask } from './task.js';

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;

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
  #types = new Set();
  #forgetSignal;
  /** What can still be asked when there is nothing left in WebAssembly. */
  #last;

  static {
    makeList = (source, ...given) => {
      if (source.#handle === undefined) throw new DOMException('listMessages: the source is closed; open a new one', 'InvalidStateError');
      return source.#handle.list(...given);
    };
  }

  constructor(url, init = undefined) {
    if (arguments.length === 0) throw new TypeError('EventSource: the first argument must be a URL, such as "/events"');
    if (opener === undefined) {
      throw new Error('EventSource: its WebAssembly is not loaded yet; `await init()` first, with the default export of this package');
    }
    const address = `${url}`;
    const { signal, transport, ...settings } = sourceOptions('EventSource', init);
    super();
    this.#ownTasks = transport === 'fetch';
    this.#withCredentials = settings.withCredentials;
    this.#handle = opener.open(address, settings, {
      message: (raw) => this.#receive(raw),
      text: (type, data, lastEventId, origin) => this.#receive({ type, data, lastEventId, origin }),
      state: (state) => this.#change(state),
      end: () => this.#end(),
    });
    this.#url = this.#handle.url;
    this.#state = this.#handle.state;
    if (signal !== undefined) this.#follow(signal);
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
    return this.#handle?.lastEventId ?? this.#last.lastEventId;
  }

  get stats() {
    const stats = this.#handle?.stats ?? this.#last.statsNow();
    stats.dropped += this.#dropped;
    return stats;
  }

  addEventListener(type, callback, options) {
    if (arguments.length < 2) return super.addEventListener(...arguments);
    const name = `${type}`;
    super.addEventListener(name, callback, options);
    // Over the native transport messages come only for the types that are asked for.
    if (callback != null) this.#listen(name);
  }

  close() {
    if (this.#readyState === CLOSED) return;
    this.#readyState = CLOSED;
    this.#state = { name: 'closed', cause: null };
    this.#handle?.close();
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

  #follow(signal) {
    if (signal.aborted) return this.close();
    const close = () => this.close();
    signal.addEventListener('abort', close);
    // A signal may live for long, and would hold what has ended.
    this.#forgetSignal = () => signal.removeEventListener('abort', close);
  }

  #listen(type) {
    if (this.#types.has(type)) return;
    this.#types.add(type);
    this.#handle?.listen(type);
  }

  #receive(raw) {
    if (this.#readyState === CLOSED) return;
    const { type, data, lastEventId, origin } = raw;
    const message = new MessageEvent(type, { data, lastEventId, origin });
    const waits = this.#ownTasks ? [nextTask()] : [];
    for (const iterator of this.#iterators) {
      const wait = iterator.push(message);
      if (wait !== undefined) waits.push(wait);
    }
    super.dispatchEvent(message);
    return waits.length === 0 ? undefined : Promise.all(waits);
  }

  #change(state) {
    const before = this.#state;
    if (this.#readyState === CLOSED) {
      // Closed by hand: of what came before that nothing is told any more, nor why it might have ended by itself.
      if (state.name !== 'closed') return;
      state = before;
    }
    this.#state = state;
    this.#readyState = numberOf(state);
    if (this.#readyState === CLOSED) {
      for (const iterator of this.#iterators) iterator.finish(state.cause);
      this.#iterators.clear();
    }
    if (state.name === 'open') super.dispatchEvent(new Event('open'));
    else if (isFailure(before, state)) super.dispatchEvent(new Event('error'));
    // Where a listener has closed it, that is told next.
    if (this.#state === state) super.dispatchEvent(new CustomEvent('statechange', { detail: state }));
  }

  #end() {
    const { lastEventId, stats } = this.#handle;
    const at = performance.now();
    const aged = (age) => (age === null ? null : age + performance.now() - at);
    this.#last = {
      lastEventId,
      statsNow: () => ({ ...stats, lastMessageAge: aged(stats.lastMessageAge), lastActivityAge: aged(stats.lastActivityAge) }),
    };
    this.#handle.free();
    this.#handle = undefined;
    this.#forgetSignal?.();
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
