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
  /** The number of the message that the next frame begins with; with `listMessages`, of the one after the newest shown. */
  #next = 0;
  /** The messages that a paused list shows, by number, because a fast stream soon pushes them out of the history. */
  #held = new Map();
  /** The range of messages that still have to be added to it: the package shows messages before the history has them. */
  #holding = { from: 0, to: 0 };
  #source;
  /** The message of each line that is made here. A filtered list may show a line longer than the history keeps its message. */
  #messages = new WeakMap();
  #observer;

  constructor(wasm, source, ul, history, onlyMessages) {
    this.#ul = ul;
    this.#source = source;
    this.#history = history;
    if (!onlyMessages) return;
    this.#handle = wasm.listMessages(ul, source);
    this.#observer = new MutationObserver((records) => {
      if (records.some(({ addedNodes }) => addedNodes.length > 0)) this.#next = source.stats.messages;
    });
    this.#observer.observe(ul, { childList: true });
  }

  get paused() {
    return this.#handle?.paused ?? this.#paused;
  }

  pause() {
    this.#paused = true;
    this.#handle?.pause();
    const to = this.#handle === null ? this.#history.next : this.#source.stats.messages;
    // Starts at the oldest line. On a busy machine, the newest message may be thousands ahead of the newest line.
    this.#holding = { from: Math.max(0, this.#next - 2 * LINES), to };
    this.#hold();
  }

  resume() {
    this.#paused = false;
    this.#held.clear();
    this.#handle?.resume();
    this.wake();
  }

  clear() {
    this.#handle?.clear();
    this.#held.clear();
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
  }

  #hold() {
    const { from, to } = this.#holding;
    let number = Math.max(from, this.#history.first);
    for (; number < Math.min(to, this.#history.next); number += 1) this.#held.set(number, this.#history.get(number));
    this.#holding.from = number;
  }

  /** Shows new messages with the next frame. */
  wake() {
    if (this.paused) this.#hold();
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
    return this.#history.get(number) ?? this.#held.get(number) ?? this.#messages.get(this.#madeLine(number));
  }

  /** The number of the message that a line shows. */
  numberOf(line) {
    if (this.#handle === null) return this.#messages.get(line)?.number;
    const lines = [...this.#ul.children];
    const number = this.#next - lines.length + lines.indexOf(line);
    // A line may have been added since `#next` was updated.
    const is = (at) => this.message(at)?.data === line.textContent.slice('message: '.length);
    for (let away = 0; away < LINES; away += 1) {
      if (is(number - away)) return number - away;
      if (is(number + away)) return number + away;
    }
    return undefined;
  }

  /** The line that shows a message, if there is one. */
  lineOf(number) {
    const lines = this.#ul.children;
    if (this.#handle !== null) return lines[lines.length - (this.#next - number)];
    return this.#madeLine(number);
  }

  #madeLine(number) {
    return [...this.#ul.children].find((line) => this.#messages.get(line)?.number === number);
  }
}
