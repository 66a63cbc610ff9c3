// A source that the page has opened, with its list.

import { sourceOptions } from './options.js';

export class Connection {
  source;
  /** Called with each new state. */
  onstate = () => {};
  #list;

  constructor(wasm, url, given, ul) {
    // The option's default, so that the package reads the stream whatever is chosen.
    this.source = new wasm.EventSource(url, { gapEvent: 'gap', ...sourceOptions(given) });
    this.source.addEventListener('statechange', (event) => {
      // A server may name its messages so too.
      if (event instanceof CustomEvent) this.onstate(event.detail);
    });
    this.#list = wasm.listMessages(ul, this.source);
  }

  get paused() {
    return this.#list.paused;
  }

  pause() {
    this.#list.pause();
  }

  resume() {
    this.#list.resume();
  }

  clear() {
    this.#list.clear();
  }

  close() {
    this.source.close();
    // What had arrived would still be shown.
    this.#list.clear();
  }
}
