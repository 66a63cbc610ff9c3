// One stream on the page: its address, its state, its list, and the panels around it.

import { duration, number, sentence, show, write } from './dom.js';
import { Connection } from './connection.js';
import { panels } from './panels.js';
import { parse } from './place.js';
import { whyRefused } from './refusal.js';
import { Recording } from './recording.js';
import { followEnd } from './scroll.js';
import { describe } from './states.js';

/** How often the numbers are updated, in milliseconds. */
const OFTEN = 200;

export class Stream extends EventTarget {
  /** The chosen options, by name. */
  options;
  /** Which messages are shown, as `makeFilter` takes it. */
  filter = {};
  /** The current connection or recording; `null` if it could not be opened. */
  connection = null;
  #parts = {};
  #scroll;
  #countAtPause = 0;
  #asking = new AbortController();
  #timer;

  /** Adds the stream to `parent`. In the page's first one, the parts have their names as ids. */
  constructor(parent, { text, options = {}, isFirst = false }) {
    super();
    this.options = options;
    const root = document.querySelector('#stream-template').content.cloneNode(true).firstElementChild;
    this.root = root;
    for (const node of root.querySelectorAll('[data-part]')) {
      this.#parts[node.dataset.part] = node;
      if (isFirst) node.id = node.dataset.part;
    }
    const { address, 'address-label': label, 'address-error': error } = this.#parts;
    if (text !== undefined) address.value = text;
    this.id = Stream.#made += 1;
    address.id ||= `address-${this.id}`;
    error.id ||= `address-error-${this.id}`;
    label.htmlFor = address.id;
    address.setAttribute('aria-describedby', error.id);
    parent.append(root);
    this.#scroll = followEnd(this.#parts.list, this.#parts.newest);
    this.#listen();
    this.panels = panels(this, () => this.changed());
  }

  static #made = 0;

  get parts() {
    return this.#parts;
  }

  /** The address as it was typed. */
  get text() {
    return this.#parts.address.value.trim();
  }

  set text(text) {
    this.#parts.address.value = text;
  }

  /** The page's default address for a stream. */
  get presetText() {
    return this.#parts.address.defaultValue;
  }

  /** What a link has to say about how the stream is shown. */
  get shown() {
    const panel = this.panels.shown === '' ? {} : { panel: this.panels.shown };
    return { ...panel, ...this.filter };
  }

  /** Shows the stream as a link says. */
  show({ panel = '', ...filter }) {
    this.filter = filter;
    if (Object.keys(filter).length > 0) this.panels.panel('look').opened();
    if (this.panels.isOne(panel)) this.panels.open(panel);
  }

  /** Notifies that the contents of a link have changed. */
  changed() {
    this.dispatchEvent(new Event('shown'));
  }

  /** Opens the stream again, as pressing Connect does. */
  submit() {
    this.dispatchEvent(new Event('submit'));
  }

  /** Opens the stream of the address and the options in place of the current one. */
  connect(wasm) {
    const { address } = this.#parts;
    let url;
    try {
      url = parse(this.text);
    } catch (error) {
      // The current stream stays open, so that a typing mistake costs nothing.
      this.#refuse(error.message);
      address.focus();
      if (this.connection === null) this.#showState({ name: 'closed', cause: null });
      return;
    }
    this.#refuse('');
    this.#leave();
    this.#parts.list.replaceChildren();
    this.dispatchEvent(new Event('connect'));
    try {
      this.connection = new Connection(wasm, url, this.options, this.#parts.list);
      const current = this.connection;
      current.onstate = (state) => {
        if (current === this.connection) this.#showState(state);
      };
      this.#showState(current.source.state);
      this.#showNumbers();
    } catch (error) {
      this.#showState({ name: 'closed', cause: error });
    }
    this.dispatchEvent(new Event('opened'));
  }

  /** Shows messages from a file in place of the stream. */
  showFile(name, messages) {
    const { url } = this.connection?.source ?? { url: document.baseURI };
    this.#leave();
    this.#parts.list.replaceChildren();
    this.connection = new Recording(url, messages, this.#parts.list);
    this.#parts.state.dataset.state = 'file';
    write(this.#parts.state, 'File');
    this.#notice(`${name} has ${number.format(messages.length)} messages. Press Connect to show the stream again.`);
    this.#showNumbers();
    this.dispatchEvent(new Event('opened'));
  }

  /** Closes the stream and removes it from the page. */
  remove() {
    this.#leave();
    clearInterval(this.#timer);
    this.#scroll.close();
    this.root.remove();
    this.dispatchEvent(new Event('remove'));
  }

  /** Shows why no stream can be shown. */
  fail(name, ...content) {
    const { state, notice, form, sheet } = this.#parts;
    state.dataset.state = 'closed';
    write(state, name);
    // The state is part of the form, which is hidden.
    this.root.prepend(state);
    form.hidden = true;
    sheet.hidden = true;
    notice.hidden = false;
    notice.classList.add('bad');
    notice.replaceChildren(...content);
  }

  #leave() {
    this.#asking.abort();
    // Messages that had already arrived would otherwise be shown among the lines of the next stream.
    this.connection?.close();
    this.connection = null;
  }

  #refuse(text) {
    const { address, 'address-error': error } = this.#parts;
    address.setAttribute('aria-invalid', String(text !== ''));
    show(error, text);
  }

  #notice(text, bad = false) {
    this.#parts.notice.classList.toggle('bad', bad);
    show(this.#parts.notice, text);
  }

  #showState(state) {
    const [name, detail] = describe(state);
    this.#parts.state.dataset.state = state.name;
    write(this.#parts.state, name);
    this.#notice(detail, state.name === 'closed' && state.reason !== 'complete');
    this.#asking.abort();
    if (state.name === 'closed' && state.reason === 'failure') this.#explain(state.cause, detail);
    this.dispatchEvent(new CustomEvent('state', { detail: state }));
  }

  /** Adds the server's reason for a refusal. */
  async #explain(cause, detail) {
    const asking = new AbortController();
    this.#asking = asking;
    const { url, withCredentials } = this.connection.source;
    const said = cause.body ? `The server says: ${sentence(cause.body.trim().split('\n', 1)[0].slice(0, 500))}`
      : await whyRefused(url, { withCredentials, signal: asking.signal });
    if (said !== '' && !asking.signal.aborted) this.#notice(`${said} ${detail}`, true);
  }

  #showNumbers() {
    const { connection } = this;
    if (connection === null) return;
    const { count, age, reconnects: again, paused, pause } = this.#parts;
    const { messages, reconnects, lastMessageAge } = connection.source.stats;
    write(count, number.format(messages));
    write(age, lastMessageAge === null ? '–' : lastMessageAge < 1000 ? 'now' : `${duration(lastMessageAge)} ago`);
    write(again, number.format(reconnects));
    const since = number.format(messages - this.#countAtPause);
    show(paused, connection.paused ? `Paused; the connection stays open. New since then: ${since}` : '');
    write(pause, connection.paused ? 'Resume' : 'Pause');
  }

  #pauseOrResume() {
    const { connection } = this;
    if (connection === null) return;
    if (connection.paused) {
      connection.resume();
    } else {
      this.#countAtPause = connection.source.stats.messages;
      connection.pause();
    }
    this.#showNumbers();
  }

  #look(number) {
    if (this.panels.shown !== 'look') this.panels.open('look');
    this.panels.panel('look').look(number);
  }

  #listen() {
    const { form, address, pause, clear, list } = this.#parts;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.submit();
    });
    address.addEventListener('input', () => this.#refuse(''));
    pause.addEventListener('click', () => this.#pauseOrResume());
    clear.addEventListener('click', () => {
      this.connection?.clear();
      this.#scroll.look();
    });
    list.addEventListener('click', ({ target }) => {
      const line = target.closest('li');
      // A click that selects text is meant for copying it.
      if (line && getSelection().isCollapsed) this.connection?.list.tellNumber(line, (number) => this.#look(number));
    });
    list.addEventListener('keydown', (event) => {
      const look = this.panels.shown === 'look' ? this.panels.panel('look') : undefined;
      if (event.key === 'Enter') this.#look((this.connection?.history.next ?? 0) - 1);
      else if (look?.open === undefined) return;
      else if (event.key === 'ArrowUp') look.step(-1);
      else if (event.key === 'ArrowDown') look.step(1);
      else if (event.key === 'Escape') look.close();
      else return;
      event.preventDefault();
    });
    this.#parts.remove.addEventListener('click', () => this.remove());
    // A reader may scroll up before the browser has reported the list's own scrolling.
    new MutationObserver(() => {
      this.#scroll.look();
      this.#showNumbers();
    }).observe(list, { childList: true });
    this.#timer = setInterval(() => this.#showNumbers(), OFTEN);
  }
}
