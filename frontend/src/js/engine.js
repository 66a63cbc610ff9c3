import { Messages } from './messages.js';
import { messagesOptions, typesOf } from './options.js';
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
  /** What iterators have dropped, past ones too. */
  dropped = 0;
  /** The newest message, with its number; before the first one, what stands for the place where the source began. */
  newest = { number: 0, message: { lastEventId: '' } };
}

/** Reads a stream for a source, and tells its states. */
export class Engine {
  /** The object that the page has. */
  source;
  state = { name: 'connecting', attempt: 1 };
  #readers;
  #signal;
  #unfollow = () => {};
  /** States that are still to be told: one may change while another is being told. */
  #untold = [];
  #telling = false;

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

  get dropped() {
    return this.#readers.dropped;
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
    if (signal === undefined || this.isClosed) return;
    this.#signal = signal;
    const engine = new WeakRef(this);
    // A signal may outlive its sources by far, and would keep each of them.
    const aborted = () => engine.deref()?.end('abort');
    signal.addEventListener('abort', aborted, { once: true });
    this.#unfollow = () => signal.removeEventListener('abort', aborted);
  }

  unfollow() {
    this.#unfollow();
  }

  /** An iterator of the messages of these types; leaving it may close the source. */
  iterate(types, options, closes) {
    const wanted = new Set(typesOf('messages', types));
    const readers = this.#readers;
    const iterator = new Messages(wanted, messagesOptions('messages', options, this.canWait), {
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
      iterator.finish(this.state.cause);
    } else {
      readers.iterators = [...readers.iterators, iterator];
      for (const type of wanted) this.listen(type);
    }
    return iterator;
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
    for (const iterator of this.#readers.iterators) iterator.finish(state.cause);
  }

  dispatch(event) {
    dispatchEvent.call(this.source, event);
  }

  /** Tells the state. */
  tell() {
    this.#untold.push(this.state);
    if (this.#telling) return;
    this.#telling = true;
    for (let state = this.#untold.shift(); state !== undefined; state = this.#untold.shift()) {
      this.dispatch(new CustomEvent('statechange', { detail: state }));
    }
    this.#telling = false;
  }
}
