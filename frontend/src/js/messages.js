const done = (value) => ({ value, done: true });

/** The messages of some types, or arrays of them, as an async iterator with a bounded queue. */
export class Messages {
  #types;
  #options;
  #on;
  /** What has arrived and not been taken: messages with their numbers. */
  #waiting = [];
  /** What arrived, or was taken, last before that; undefined if nothing waits. */
  #behind;
  /** Those who wait for a message; then nothing waits for them. */
  #readers = [];
  /** While the source waits for room: the promise that it waits for, and what resolves that. */
  #full;
  /** Whether it is not waited for until it is read again. */
  #excused = false;
  #ended = false;
  #error = null;
  #dropped = 0;

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

  /** Where its reader is, if that is behind what has arrived. */
  get behind() {
    return this.#behind;
  }

  /** Whether the source waits for it. */
  get isFull() {
    return this.#full !== undefined;
  }

  /** How many messages more it takes before the source has to wait for it. */
  get room() {
    const { capacity, overflow } = this.#options;
    return overflow === 'wait' && !this.#excused && !this.#ended ? capacity - this.#waiting.length : Infinity;
  }

  /** Whether it has room, or readers are known to come for what it drops. */
  get wantsMore() {
    return !this.isFull && !this.#excused;
  }

  /** Takes what has arrived after `before`; gives a promise where the source is to wait until there is room. */
  push(arrival, before) {
    const { message } = arrival;
    if (this.#ended || !this.#types.has(message.type)) return undefined;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader.resolve({ value: this.#options.batch === undefined ? message : [message], done: false });
      return undefined;
    }
    const { capacity, overflow } = this.#options;
    if (this.#waiting.length === 0) this.#behind = before;
    this.#waiting.push(arrival);
    if (overflow === 'wait' && !this.#excused) return this.#waiting.length < capacity ? undefined : this.#untilRoom();
    if (this.#waiting.length > capacity) {
      this.#waiting.shift();
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

  /** No more comes: what waits is still read, then `error` once, then the end. */
  finish(error) {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#makeRoom();
    const [first, ...others] = this.#readers;
    this.#readers = [];
    first?.[this.#error === null ? 'resolve' : 'reject'](this.#takeEnd());
    for (const reader of others) reader.resolve(done(undefined));
  }

  next() {
    if (this.#waiting.length > 0) return Promise.resolve({ value: this.#take(), done: false });
    if (this.#ended) return this.#error === null ? Promise.resolve(done(undefined)) : Promise.reject(this.#takeEnd());
    return new Promise((resolve, reject) => { this.#readers.push({ resolve, reject }); });
  }

  return(value) {
    this.#waiting = [];
    this.#behind = undefined;
    this.#error = null;
    const live = !this.#ended;
    this.finish(null);
    if (live) this.#on.left();
    return Promise.resolve(done(value));
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  #take() {
    const { batch } = this.#options;
    const taken = batch === undefined ? [this.#waiting.shift()] : this.#waiting.splice(0, batch);
    this.#behind = this.#waiting.length === 0 ? undefined : taken.at(-1);
    this.#excused = false;
    this.#makeRoom();
    const messages = taken.map(({ message }) => message);
    return batch === undefined ? messages[0] : messages;
  }

  /** The error, or the end where there is none. */
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
