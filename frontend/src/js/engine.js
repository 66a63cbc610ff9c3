import { Messages } from './messages.js';
import { checkAll, messagesOptions, selection } from './options.js';
import { report } from './report.js';
import { oncePerTask } from './turns.js';

export const CONNECTING = 0;
export const OPEN = 1;
export const CLOSED = 2;

/** The statistics of a source that has counted nothing yet. */
export const NOTHING = { messages: 0, bytes: 0, dropped: 0, duplicates: 0, reconnects: 0, lastMessageAge: null, lastActivityAge: null };

// Not the source's own method, which a derived class may have replaced.
const { dispatchEvent } = EventTarget.prototype;

/** The iterators of a source, whatever reads its stream. */
class Readers {
  /** The engine that reads the stream now. */
  engine;
  /** Replaced when an iterator is added or removed. An array, because that is the fastest to iterate for each message. */
  iterators = [];
  /** The listeners for messages of every type. */
  listeners = new Set();
  /** States that have not been dispatched yet: a state may change while another is being dispatched. */
  untold = [];
  telling = false;
  /** What iterators have dropped, past ones too. */
  dropped = 0;
  /** The newest message, with its number; before the first one, a placeholder for the place where the source began. */
  newest = { number: 0, message: { lastEventId: '' } };
}

/**
 * Removes an entry that may have been collected: a signal may live much longer than its sources, and would keep them alive. A function of
 * its own, because closures of one scope keep everything alive that any of them uses.
 */
const removing = (listeners, entry) => () => listeners.deref()?.delete(entry.deref());

/** Reads a stream for a source, and dispatches its states. */
export class Engine {
  /** The object that the page uses. */
  source;
  state = { name: 'connecting', attempt: 1 };
  #readers;
  #signal;
  #unfollow = () => {};
  /** The state that was dispatched last, or is about to be. */
  #told;

  /** `before` is the engine that has read the stream so far, if there was one. */
  constructor(source, before = undefined) {
    this.source = source;
    this.#readers = before?.readers ?? new Readers();
    this.#readers.engine = this;
  }

  get readers() {
    return this.#readers;
  }

  get isClosed() {
    return this.state.name === 'closed';
  }

  get iterators() {
    return this.#readers.iterators;
  }

  /** Whether there is a listener for messages of every type. */
  get isHeardAlways() {
    return this.#readers.listeners.size > 0;
  }

  /** Whether every type is wanted. */
  get wantsAll() {
    return this.isHeardAlways || this.iterators.some(({ types }) => types.size === undefined);
  }

  get dropped() {
    return this.#readers.dropped;
  }

  /** The response whose body is the stream; `null` if the platform does not show it. */
  get response() {
    return null;
  }

  /** The newest message that has arrived, with its number. */
  get newest() {
    return this.#readers.newest;
  }

  /** The number of the newest message that has arrived. */
  get arrived() {
    return this.#readers.newest.number;
  }

  /** The id of the newest message that has arrived. */
  get arrivedId() {
    return this.#readers.newest.message.lastEventId;
  }

  get signal() {
    return this.#signal;
  }

  /** Where the source begins. */
  begin(lastEventId) {
    this.#readers.newest = { number: 0, message: { lastEventId } };
  }

  /** Ends with the signal. */
  obey(signal) {
    if (signal === undefined || signal === this.#signal || this.isClosed) return;
    this.#signal = signal;
    const engine = new WeakRef(this);
    // A signal may live much longer than its sources, and would keep them alive.
    const aborted = () => engine.deref()?.end('abort', signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    this.#unfollow = () => signal.removeEventListener('abort', aborted);
  }

  unfollow() {
    this.#unfollow();
  }

  /** An iterator of the messages of these types; leaving it may close the source. */
  iterate(types, options, closes) {
    const [wanted, given] = selection('messages', types, options, this.canWait);
    const readers = this.#readers;
    const iterator = new Messages(wanted, messagesOptions('messages', given, this.canWait), {
      dropped: () => { readers.dropped += 1; },
      // An iterator of batches has already got the whole batch.
      soon: this.canWait ? (call) => queueMicrotask(call) : oncePerTask(),
      left: () => {
        readers.iterators = readers.iterators.filter((other) => other !== iterator);
        readers.engine.left();
        if (closes) readers.engine.end('close');
      },
    });
    if (this.isClosed) {
      iterator.finish(this.#error);
    } else {
      readers.iterators = [...readers.iterators, iterator];
      if (this.wantsAll) this.listenToAll();
      for (const type of wanted) this.listen(type);
    }
    return iterator;
  }

  /** Calls a listener with every message from now on; returns a function that removes it. */
  listenAlways(listener, signal) {
    checkAll('onAny', true, this.canWait);
    const { listeners } = this.#readers;
    // Each call has an entry of its own, because a function may be added twice.
    const entry = { listener };
    const aborted = removing(new WeakRef(listeners), new WeakRef(entry));
    if (!signal?.aborted) {
      listeners.add(entry);
      signal?.addEventListener('abort', aborted, { once: true });
      if (!this.isClosed) this.listenToAll();
    }
    return () => {
      listeners.delete(entry);
      signal?.removeEventListener('abort', aborted);
    };
  }

  /** Every type of message is wanted from now on. */
  listenToAll() {}

  /** The error that has ended the source, as an `Error` to throw; the `cause` of a state is a plain object, so that it can be posted. */
  get #error() {
    const { reason, cause } = this.state;
    if (reason !== 'failure') return null;
    const isError = Object.prototype.toString.call(cause) !== '[object Object]';
    return isError ? cause : Object.assign(new Error(cause.message), cause);
  }

  /** An iterator has been left. */
  left() {}

  /** Passes a message to the iterators; returns the promises of those that the source has to wait for, if there are any. */
  arrive(message, number = this.#readers.newest.number + 1) {
    const before = this.#readers.newest;
    const arrival = { number, message };
    this.#readers.newest = arrival;
    if (this.#readers.iterators.length === 0) return undefined;
    let waits;
    for (const iterator of this.#readers.iterators) {
      const wait = iterator.push(arrival, before);
      if (wait !== undefined) (waits ??= []).push(wait);
    }
    return waits;
  }

  /** Whether events of this type are also dispatched for what happens to the source. */
  isOwnEvent(type) {
    return type === 'open' || type === 'error' || type === 'statechange';
  }

  /** Whether an iterator has no more room. */
  get someFilled() {
    for (const { isFilled } of this.#readers.iterators) if (isFilled) return true;
    return false;
  }

  /** Whether an iterator takes messages of this type. */
  iterates(type) {
    for (const { types } of this.#readers.iterators) if (types.has(type)) return true;
    return false;
  }

  /** The message that the slowest reader took last, with its number; undefined if no message waits for a reader. */
  get behind() {
    let slowest;
    for (const { behind } of this.#readers.iterators) {
      if (behind !== undefined && (slowest === undefined || behind.number < slowest.number)) slowest = behind;
    }
    return slowest;
  }

  /** Sets the state, without dispatching it yet. */
  enter(state) {
    this.state = state;
    if (state.name !== 'closed') return;
    this.#unfollow();
    // The iterators are kept, because their queued messages may still be read.
    for (const iterator of this.#readers.iterators) iterator.finish(this.#error);
  }

  /** Sets the closed state after `close()`, or after the signal was aborted, which has a reason. */
  enterEnd(reason, cause = null) {
    this.enter({ name: 'closed', reason, cause });
  }

  /** Passes the state of this source to an engine that opens it again, and continues after the messages that were read. */
  leaveEnded() {
    this.#readers.iterators = [];
  }

  dispatch(event) {
    dispatchEvent.call(this.source, event);
  }

  /** Dispatches a message, and calls the listeners for messages of every type. */
  dispatchMessage(event) {
    this.dispatch(event);
    const { listeners } = this.#readers;
    if (listeners.size === 0) return;
    for (const entry of [...listeners]) {
      if (this.isClosed) return;
      if (!listeners.has(entry)) continue;
      const { listener } = entry;
      try {
        if (typeof listener === 'function') listener.call(this.source, event);
        else listener.handleEvent(event);
      } catch (error) {
        report(error);
      }
    }
  }

  /** Dispatches the state, unless it has been dispatched. */
  tell() {
    if (this.#told === this.state) return;
    this.#told = this.state;
    const readers = this.#readers;
    readers.untold.push(this.state);
    if (readers.telling) return;
    readers.telling = true;
    for (let state = readers.untold.shift(); state !== undefined; state = readers.untold.shift()) {
      this.dispatch(new CustomEvent('statechange', { detail: state }));
    }
    readers.telling = false;
  }
}
