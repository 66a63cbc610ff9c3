const done = (value) => ({ value, done: true });

/** The messages of some types, or arrays of them, as an async iterator with a bounded queue. */
export class Messages {
  #types;
  #options;
  #on;
  #waiting = [];
  /** Those who wait for a message; then nothing waits for them. */
  #readers = [];
  #room;
  #ended = false;
  #error = null;
  #dropped = 0;

  constructor(types, options, on) {
    this.#types = types;
    this.#options = options;
    this.#on = on;
  }

  get dropped() {
    return this.#dropped;
  }

  /** Takes a message; gives a promise where the source is to wait until there is room. */
  push(message) {
    if (this.#ended || !this.#types.has(message.type)) return undefined;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader.resolve({ value: this.#options.batch === undefined ? message : [message], done: false });
      return undefined;
    }
    const { capacity, overflow } = this.#options;
    this.#waiting.push(message);
    if (this.#waiting.length <= capacity && overflow === 'drop-oldest') return undefined;
    if (overflow === 'wait') {
      if (this.#waiting.length < capacity) return undefined;
      return new Promise((resolve) => { this.#room = resolve; });
    }
    this.#waiting.shift();
    this.#dropped += 1;
    this.#on.dropped();
    return undefined;
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
    const taken = batch === undefined ? this.#waiting.shift() : this.#waiting.splice(0, batch);
    this.#makeRoom();
    return taken;
  }

  /** The error, or the end where there is none. */
  #takeEnd() {
    const error = this.#error;
    this.#error = null;
    return error ?? done(undefined);
  }

  #makeRoom() {
    this.#room?.();
    this.#room = undefined;
  }
}

if (Symbol.asyncDispose) {
  Messages.prototype[Symbol.asyncDispose] = async function () {
    await this.return();
  };
}
