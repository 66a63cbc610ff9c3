// The newest messages of a stream, within limits, which the page can search, open and export.

const MOST = 10_000;
/** The limit of data, types and ids in all, in UTF-16 code units. */
const MOST_TEXT = 16 * 1024 * 1024;

const length = ({ type, data, id }) => type.length + data.length + id.length;

/**
 * Messages by number, starting at 0. Each is `{ number, time, gap, type, data, id }`: `time` in milliseconds since the Unix epoch,
 * `gap` the time since the previous message, `null` for the first.
 */
export class History {
  #ring;
  #most;
  #mostText;
  #next = 0;
  #first = 0;
  #text = 0;
  #newest = null;

  constructor(most = MOST, mostText = MOST_TEXT) {
    this.#most = most;
    this.#mostText = mostText;
    this.#ring = new Array(most);
  }

  /** The number of the oldest message that is kept. */
  get first() {
    return this.#first;
  }

  /** The number of the next message. */
  get next() {
    return this.#next;
  }

  add(time, type, data, id) {
    const message = { number: this.#next, time, gap: this.#newest === null ? null : time - this.#newest, type, data, id };
    this.#newest = time;
    if (this.#next - this.#first === this.#most) this.#drop();
    this.#ring[this.#next % this.#most] = message;
    this.#next += 1;
    this.#text += length(message);
    // The newest message is kept however long it is.
    while (this.#text > this.#mostText && this.#next - this.#first > 1) this.#drop();
    return message;
  }

  #drop() {
    const at = this.#first % this.#most;
    this.#text -= length(this.#ring[at]);
    this.#ring[at] = undefined;
    this.#first += 1;
  }

  /** The message with this number, if it is kept. */
  get(number) {
    return number >= this.#first && number < this.#next ? this.#ring[number % this.#most] : undefined;
  }

  /** Removes all messages; the numbers continue. */
  clear() {
    this.#ring.fill(undefined);
    this.#first = this.#next;
    this.#text = 0;
  }

  *[Symbol.iterator]() {
    for (let number = this.#first; number < this.#next; number += 1) yield this.get(number);
  }
}
