import { EventSource, list } from './event_source.js';
import { listOptions } from './options.js';

/** What nobody but `listMessages` may make. */
const key = Symbol('listMessages');

export class MessageList {
  #source;
  #handle;
  #own;

  constructor(given, source, handle, own) {
    if (given !== key) throw new TypeError('MessageList: illegal constructor; listMessages() makes one');
    this.#source = source;
    this.#handle = handle;
    this.#own = own;
  }

  get source() {
    return this.#source;
  }

  get state() {
    return this.#source.state;
  }

  get stats() {
    return this.#source.stats;
  }

  get url() {
    return this.#source.url;
  }

  get lastEventId() {
    return this.#source.lastEventId;
  }

  get paused() {
    return this.#handle.paused;
  }

  pause() {
    this.#handle.pause();
  }

  resume() {
    this.#handle.resume();
  }

  clear() {
    this.#handle.clear();
  }

  close() {
    if (this.#own) this.#source.close();
    this.#handle.close();
  }
}

if (Symbol.dispose) {
  Object.defineProperty(MessageList.prototype, Symbol.dispose, { value: MessageList.prototype.close, writable: true, configurable: true });
}

export function listMessages(element, from, options = undefined) {
  if (!(typeof Element === 'function' && element instanceof Element)) {
    throw new TypeError('listMessages: the first argument must be an element, such as a <ul>');
  }
  const own = !(from instanceof EventSource);
  const [shown, settings] = listOptions('listMessages', options, own);
  const source = own ? new EventSource(from, settings) : from;
  const { types, prefix, maxLines, onStateChange } = shown;
  let handle;
  try {
    handle = list(source, element, types, prefix, maxLines);
  } catch (error) {
    if (own) source.close();
    throw error;
  }
  if (onStateChange !== undefined) {
    const tell = (state) => {
      try {
        onStateChange(state);
      } catch (error) {
        reportError(error);
      }
    };
    queueMicrotask(() => tell(source.state));
    // Not the source's own method, which would ask the server for events of this name too.
    EventTarget.prototype.addEventListener.call(source, 'statechange', ({ detail }) => tell(detail));
  }
  return new MessageList(key, source, handle, own);
}
