import { EventSource, list, sourceForCore } from './event_source.js';
import { listOptions } from './options.js';
import { report } from './report.js';

/** What nobody but `listMessages` may make. */
const key = Symbol('listMessages');

export class MessageList {
  #source;
  #handle;
  #left;

  constructor(given, source, handle, left) {
    if (given !== key) throw new TypeError('MessageList: illegal constructor; listMessages() makes one');
    this.#source = source;
    this.#handle = handle;
    this.#left = left;
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
    this.#left();
    this.#handle.close();
  }
}

Object.defineProperty(MessageList, 'name', { value: 'MessageList', configurable: true });
if (Symbol.dispose) {
  Object.defineProperty(MessageList.prototype, Symbol.dispose, { value: MessageList.prototype.close, writable: true, configurable: true });
}

export function listMessages(element, from, options = undefined) {
  // Of any realm: an element of a frame is one too.
  if (element?.nodeType !== 1 || typeof element.append !== 'function') {
    throw new TypeError('listMessages: the first argument must be an element, such as a <ul>');
  }
  const own = !(from instanceof EventSource);
  const [shown, settings] = listOptions('listMessages', options, own);
  if (!own && from.readyState === EventSource.CLOSED) {
    throw new DOMException('listMessages: the source is closed; open a new one', 'InvalidStateError');
  }
  const source = own ? sourceForCore(from, settings) : from;
  const { types, prefix, maxLines, onStateChange } = shown;
  let handle;
  try {
    handle = list(source, element, types, prefix, maxLines);
  } catch (error) {
    if (own) source.close();
    throw error;
  }
  const forget = onStateChange === undefined ? () => {} : follow(source, onStateChange);
  return new MessageList(key, source, handle, own ? () => source.close() : forget);
}

/** Calls `onStateChange` with the state of now, then with each new one; gives what ends that. */
function follow(source, onStateChange) {
  let told;
  const tell = (state) => {
    if (state === told) return;
    told = state;
    try {
      onStateChange(state);
    } catch (error) {
      report(error);
    }
  };
  const changed = (event) => {
    // A server may name its messages so too.
    if (event instanceof CustomEvent) tell(event.detail);
  };
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  // Not the source's own method, which would ask the server for events of this name too.
  addEventListener.call(source, 'statechange', changed);
  let followed = true;
  queueMicrotask(() => { if (followed) tell(source.state); });
  return () => {
    followed = false;
    removeEventListener.call(source, 'statechange', changed);
  };
}
