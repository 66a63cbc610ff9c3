// A stream's list of messages. Without a filter or other types than `message`, it is the package's `listMessages`; otherwise it is made
// from the history. Both update once per animation frame.

import { element } from './dom.js';

/** How many of the newest lines are kept; the same as `listMessages`. */
const LINES = 1000;

export class LiveList {
  #ul;
  #history;
  /** The handle that `listMessages` returned, while it shows the list. */
  #handle = null;
  /** Which messages are shown; `null` for all. */
  #filter = null;
  #frame = 0;
  #paused = false;
  /** The number of the message that the next frame begins with, where the lines are made here. */
  #next = 0;
  /** The message of each line. A paused or filtered list may show a line longer than the history keeps its message. */
  #messages = new WeakMap();
  /** Lines that the package shows before the history has their messages: the number of each, and a callback for it. */
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

  /** Shows the messages of the history that pass `filter`; `null` shows all. */
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
    // Messages that wait for a frame would otherwise be shown among other lines.
    this.#handle?.clear();
    this.#handle?.close();
    this.#handle = null;
    this.#observer?.disconnect();
    this.#made.clear();
  }

  /** Numbers the lines that the package has made: they are the newest messages, without a gap. */
  #count() {
    const lines = this.#ul.children;
    const first = this.#source.stats.messages - lines.length;
    for (let at = 0; at < lines.length; at += 1) {
      const line = lines[at];
      if (!this.#messages.has(line) && !this.#made.has(line)) this.#made.set(line, { number: first + at, call: () => {} });
    }
    this.#settle();
  }

  /** Looks up the messages of these lines, as far as the history has them. */
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

  /** The message of a line: the one with this number or, if the package has counted differently, one close to it. */
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

  /** Shows new messages with the next frame. */
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
    // Without a filter, messages are skipped that would be removed again before they are seen.
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

  /** The message with this number, if it is kept or shown. */
  message(number) {
    return this.#history.get(number) ?? this.#messages.get(this.lineOf(number));
  }

  /** Calls back with the number of a line's message, at once or as soon as the history has the message. */
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
