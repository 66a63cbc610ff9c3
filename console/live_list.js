// A stream's list of messages. Unfiltered, and of messages only, it is the package's `listMessages`; with a filter, or of more types,
// it is made of the history. Either changes once per animation frame.

import { element } from './dom.js';

/** How many lines are kept, the newest, as `listMessages` does. */
const LINES = 1000;

export class LiveList {
  #ul;
  #history;
  /** What `listMessages` has given, as long as it shows the list. */
  #handle = null;
  /** Which messages are shown; `null` for all. */
  #filter = null;
  #frame = 0;
  #paused = false;
  /** The message that the next frame begins with, where the lines are made here. */
  #next = 0;
  /** The message of each line. At speed, paused or filtered, a line stays longer than the history keeps its message. */
  #messages = new WeakMap();
  /** Lines that the package has made before the history has their messages: the number of each, and who waits for it. */
  #made = new Map();
  #source;
  #observer;

  constructor(wasm, source, ul, history, onlyMessages) {
    this.#ul = ul;
    this.#source = source;
    this.#history = history;
    if (!onlyMessages) return;
    this.#handle = wasm.listMessages(ul, source);
    this.#observer = new MutationObserver(() => this.#count());
    this.#observer.observe(ul, { childList: true });
  }

  get paused() {
    return this.#handle?.paused ?? this.#paused;
  }

  pause() {
    this.#paused = true;
    this.#handle?.pause();
  }

  resume() {
    this.#paused = false;
    this.#handle?.resume();
    this.wake();
  }

  clear() {
    this.#handle?.clear();
    this.#made.clear();
    this.#ul.replaceChildren();
    this.#next = this.#history.next;
  }

  close() {
    this.#leavePackage();
    cancelAnimationFrame(this.#frame);
    this.#paused = true;
  }

  /** Shows those messages of the history that `filter` says; `null` for all. */
  filter(filter) {
    if (filter === this.#filter) return;
    const paused = this.paused;
    this.#leavePackage();
    this.#paused = paused;
    this.#filter = filter;
    this.#ul.replaceChildren();
    this.#next = this.#history.first;
    this.#show();
    this.#ul.scrollTop = this.#ul.scrollHeight;
  }

  #leavePackage() {
    // What waits to be shown would come among other lines.
    this.#handle?.clear();
    this.#handle?.close();
    this.#handle = null;
    this.#observer?.disconnect();
    this.#made.clear();
  }

  /** Numbers the lines that the package has made: they are the newest that have come, without a hole. */
  #count() {
    const lines = this.#ul.children;
    const first = this.#source.stats.messages - lines.length;
    for (let at = 0; at < lines.length; at += 1) {
      const line = lines[at];
      if (!this.#messages.has(line) && !this.#made.has(line)) this.#made.set(line, { number: first + at, call: () => {} });
    }
    this.#settle();
  }

  /** Gives these lines their messages, as far as the history has them. */
  #settle() {
    for (const [line, { number, call }] of this.#made) {
      if (line.isConnected && number >= this.#history.next) continue;
      this.#made.delete(line);
      const message = line.isConnected ? this.#find(line, number) : undefined;
      if (message === undefined) continue;
      this.#messages.set(line, message);
      call(message.number);
    }
  }

  /** The message of a line: that of this number or, should the package have counted otherwise, one close to it. */
  #find(line, number) {
    const data = line.textContent.slice('message: '.length);
    for (let away = 0; away < LINES; away += 1) {
      for (const at of [number - away, number + away]) {
        const message = this.#history.get(at);
        if (message?.data === data) return message;
      }
    }
    return undefined;
  }

  /** Has what is new shown with the next frame. */
  wake() {
    this.#settle();
    if (this.#handle !== null || this.#paused || this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      if (!this.#paused) this.#show();
    });
  }

  #show() {
    const { first, next } = this.#history;
    const lines = [];
    // Without a filter, what would be gone before it is seen is not looked at.
    let number = Math.max(this.#next, first, this.#filter === null ? next - LINES : 0);
    for (; number < next; number += 1) {
      const message = this.#history.get(number);
      if (this.#filter === null || this.#filter(message)) lines.push(message);
    }
    this.#next = next;
    const ul = this.#ul;
    const isAtEnd = ul.scrollHeight - ul.scrollTop - ul.clientHeight < 8;
    ul.append(...lines.slice(-LINES).map((message) => this.#line(message)));
    for (let more = ul.childElementCount - LINES; more > 0; more -= 1) ul.firstElementChild.remove();
    if (isAtEnd) ul.scrollTop = ul.scrollHeight;
  }

  #line(message) {
    const { type, data } = message;
    const line = element('li', { class: type === 'message' ? undefined : 'typed' }, `${type}: ${data}`);
    this.#messages.set(line, message);
    return line;
  }

  /** The message of a number, if it is kept or shown. */
  message(number) {
    return this.#history.get(number) ?? this.#messages.get(this.lineOf(number));
  }

  /** Calls with the number of a line's message: at once, or when the history has what the package has shown already. */
  tellNumber(line, call) {
    const message = this.#messages.get(line);
    if (message !== undefined) call(message.number);
    else if (this.#made.has(line)) this.#made.get(line).call = call;
  }

  /** The line that shows a message, if there is one. */
  lineOf(number) {
    return [...this.#ul.children].find((line) => this.#messages.get(line)?.number === number);
  }
}
