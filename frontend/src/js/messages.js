import { JsonMessages } from './json_messages.js';

const done = (value) => ({ value, done: true });

/** A first-in, first-out queue of messages with their numbers. The `shift()` of a long array would move all other entries. */
class Queue {
  #items = [];
  #begin = 0;

  get size() {
    return this.#items.length - this.#begin;
  }

  push(item) {
    this.#items.push(item);
  }

  /** Takes the first messages, at most this many. */
  take(most) {
    const end = Math.min(this.#begin + most, this.#items.length);
    const taken = this.#items.slice(this.#begin, end);
    // Otherwise they would be kept alive until the array is shortened.
    this.#items.fill(undefined, this.#begin, end);
    this.#begin = end;
    if (this.#begin * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#begin);
      this.#begin = 0;
    }
    return taken;
  }
}

/** The messages of some types, or arrays of them, as an async iterator with a bounded queue. */
export class Messages {
  #types;
  #options;
  #on;
  /** What has arrived and not been taken. */
  #waiting = new Queue();
  /** The message that arrived or was taken last before those; undefined if none is queued. */
  #behind;
  /** The calls of `next()` that wait for a message. */
  #readers = [];
  /** Whether queued messages are about to be passed to those calls. */
  #answering = false;
  /** The animation frame in which that happens, if it was requested. */
  #frame;
  /** While the source waits for room: the promise that it waits for, and what resolves that. */
  #full;
  /** Whether the source does not wait for this iterator until it is read again. */
  #excused = false;
  #ended = false;
  #error = null;
  #dropped = 0;

  /** `on` has the functions to call when a message is `dropped` and when this iterator is `left`, and one that calls back `soon`. */
  constructor(types, options, on) {
    this.#types = types;
    this.#options = options;
    this.#on = on;
  }

  get types() {
    return this.#types;
  }

  get dropped() {
    return this.#dropped;
  }

  /** The place of its reader, if that is behind the newest message. */
  get behind() {
    return this.#behind;
  }

  /** Whether the source waits for this iterator. */
  get isFull() {
    return this.#full !== undefined;
  }

  /** Whether another message would have no room, if none is taken before. */
  get isFilled() {
    return this.#waiting.size >= this.#options.capacity;
  }

  /** How many more messages it can take before the source has to wait for it. */
  get room() {
    const { capacity, overflow } = this.#options;
    return overflow === 'wait' && !this.#excused && !this.#ended ? capacity - this.#waiting.size : Infinity;
  }

  /** Whether it has room, or readers are known to come for what it drops. */
  get wantsMore() {
    return !this.isFull && !this.#excused;
  }

  /** Adds a message that has arrived after `before`; returns a promise if the source has to wait until there is room. */
  push(arrival, before) {
    if (this.#ended || !this.#types.has(arrival.message.type)) return undefined;
    const { capacity, overflow } = this.#options;
    const waiting = this.#waiting;
    if (waiting.size === 0) this.#behind = before;
    waiting.push(arrival);
    if (this.#readers.length > 0) {
      // A waiting reader then has as much as it can take; otherwise it would lose messages that it waits for.
      if (this.#perFrame || (waiting.size < capacity && waiting.size < this.#most)) this.#answerSoon();
      else this.#answer();
    }
    if (overflow === 'wait' && !this.#excused) return waiting.size < capacity ? undefined : this.#untilRoom();
    if (waiting.size > capacity) {
      waiting.take(1);
      this.#dropped += 1;
      this.#on.dropped();
    }
    return undefined;
  }

  /** From now on, until it is read again, it drops its oldest messages. */
  excuse() {
    this.#excused = true;
    this.#makeRoom();
  }

  /** No more messages follow: the queued ones are still read, then `error` once, then the end. */
  finish(error) {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#makeRoom();
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#answer();
    const [first, ...others] = this.#readers;
    this.#readers = [];
    first?.[this.#error === null ? 'resolve' : 'reject'](this.#takeEnd());
    for (const reader of others) reader.resolve(done(undefined));
  }

  next() {
    const now = this.#ended || (this.#readers.length === 0 && !this.#perFrame);
    if (now && this.#waiting.size > 0) return Promise.resolve({ value: this.#take(), done: false });
    if (this.#ended) return this.#error === null ? Promise.resolve(done(undefined)) : Promise.reject(this.#takeEnd());
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      if (this.#waiting.size > 0) this.#answerSoon();
    });
  }

  return(value) {
    this.#waiting = new Queue();
    this.#behind = undefined;
    this.#error = null;
    const live = !this.#ended;
    this.finish(null);
    if (live) this.#on.left();
    return Promise.resolve(done(value));
  }

  json() {
    return new JsonMessages(this);
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  /** Whether there is one batch for each frame. Shared and service workers, and Node, have no frames. */
  get #perFrame() {
    return this.#options.batch === 'frame' && typeof requestAnimationFrame === 'function';
  }

  /** How many messages are taken at once, at most. */
  get #most() {
    const { batch } = this.#options;
    return batch === 'frame' ? Infinity : batch ?? 1;
  }

  #answerSoon() {
    if (this.#answering) return;
    this.#answering = true;
    if (this.#perFrame) this.#frame = requestAnimationFrame(() => this.#answer());
    else this.#on.soon(() => this.#answer());
  }

  /** Passes queued messages to waiting calls of `next()`; those for which there are none yet continue to wait. */
  #answer() {
    this.#answering = false;
    const most = this.#perFrame && !this.#ended ? 1 : Infinity;
    for (let n = 0; n < most && this.#readers.length > 0 && this.#waiting.size > 0; n += 1) {
      this.#readers.shift().resolve({ value: this.#take(), done: false });
    }
    if (this.#readers.length > 0 && this.#waiting.size > 0) this.#answerSoon();
  }

  #take() {
    const { batch } = this.#options;
    const taken = this.#waiting.take(this.#most);
    this.#behind = this.#waiting.size === 0 ? undefined : taken.at(-1);
    this.#excused = false;
    this.#makeRoom();
    return batch === undefined ? taken[0].message : taken.map(({ message }) => message);
  }

  /** The error, or the end if there is none. */
  #takeEnd() {
    const error = this.#error;
    this.#error = null;
    return error ?? done(undefined);
  }

  #untilRoom() {
    if (this.#full === undefined) {
      this.#full = {};
      this.#full.promise = new Promise((resolve) => { this.#full.resolve = resolve; });
    }
    return this.#full.promise;
  }

  #makeRoom() {
    this.#full?.resolve();
    this.#full = undefined;
  }
}

if (Symbol.asyncDispose) {
  Messages.prototype[Symbol.asyncDispose] = async function () {
    await this.return();
  };
}
