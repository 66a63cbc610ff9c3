import { Messages } from './messages.js';
import { checkAll, messagesOptions, selection } from './options.js';
import { report } from './report.js';
import { oncePerTask } from './turns.js';

export const CONNECTING = 0;
export const OPEN = 1;
export const CLOSED = 2;

/** What a source has counted that has had nothing to count. */
export const NOTHING = { messages: 0, bytes: 0, dropped: 0, duplicates: 0, reconnects: 0, lastMessageAge: null, lastActivityAge: null };

// Not the source's own method, which a derived class may have replaced.
const { dispatchEvent } = EventTarget.prototype;

/** The iterators of a source, whatever reads its stream. */
class Readers {
  /** What reads the stream now. */
  engine;
  /** Replaced when there is one more or one less: it is gone through for each message, which an array is quickest for. */
  iterators = [];
  /** Those who are called with every message, of whatever type. */
  listeners = new Set();
  /** States that are still to be told: one may change while another is being told. */
  untold = [];
  telling = false;
  /** What iterators have dropped, past ones too. */
  dropped = 0;
  /** The newest message, with its number; before the first one, what stands for the place where the source began. */
  newest = { number: 0, message: { lastEventId: '' } };
}

/**
 * Removes an entry that may be gone: a signal may outlive its sources by far, and would keep each of them. Made apart, because
 * functions of one scope keep what any of them uses.
 */
const removing = (listeners, entry) => () => listeners.deref()?.delete(entry.deref());

/** Reads a stream for a source, and tells its states. */
export class Engine {
  /** The object that the page has. */
  source;
  state = { name: 'connecting', attempt: 1 };
  #readers;
  #signal;
  #unfollow = () => {};
  /** The state that was told last, or is about to be. */
  #told;

  /** `before` is what has read the stream so far, if anything has. */
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

  /** Whether someone is called with every message. */
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

  /** The answer that the stream comes in; `null` where the platform does not show it. */
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
    // A signal may outlive its sources by far, and would keep each of them.
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
      // What comes in batches has been given to it whole.
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

  /** Calls a listener with every message from now on; gives what ends that. */
  listenAlways(listener, signal) {
    checkAll('onAny', true, this.canWait);
    const { listeners } = this.#readers;
    // Each call has an entry of its own, as one function may be given twice.
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

  /** What has ended the source, if that is an error, as it is thrown: what a state has can be posted, and is no `Error` for that. */
  get #error() {
    const { reason, cause } = this.state;
    if (reason !== 'failure') return null;
    const isError = Object.prototype.toString.call(cause) !== '[object Object]';
    return isError ? cause : Object.assign(new Error(cause.message), cause);
  }

  /** An iterator has been left. */
  left() {}

  /** Gives a message to the iterators; returns the promises of those that the source is to wait for, if there are any. */
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

  /** Takes on a state, and tells nobody yet. */
  enter(state) {
    this.state = state;
    if (state.name !== 'closed') return;
    this.#unfollow();
    // They stay known: what they hold may still be read.
    for (const iterator of this.#readers.iterators) iterator.finish(this.#error);
  }

  /** Takes on the state that calls end with: by hand, or by the signal, which has a reason. */
  enterEnd(reason, cause = null) {
    this.enter({ name: 'closed', reason, cause });
  }

  /** Leaves what this source was to an engine that opens it again: it goes on after what was read. */
  leaveEnded() {
    this.#readers.iterators = [];
  }

  dispatch(event) {
    dispatchEvent.call(this.source, event);
  }

  /** Dispatches a message, and calls those who are called with every one. */
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

  /** Tells the state, unless it has been told. */
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
