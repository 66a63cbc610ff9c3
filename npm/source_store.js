// What useEventSource does in every framework: opens and closes the source that is asked for, and keeps what is shown of it.

import { EventSource } from './index.js';

/** The capped list keeps so many messages, unless another limit is given. */
const LIMIT = 100;

/** An iterator gives so many messages at once, at most. */
const MOST = 1024;

/** A hidden page has no animation frames. It is updated after so many milliseconds all the same. */
const WITHOUT_FRAME = 1000;

/** Milliseconds between two updates where there are no animation frames at all. */
const INTERVAL = 16;

const STATUSES = { open: 'OPEN', closed: 'CLOSED' };
const statusOf = ({ name }) => STATUSES[name] ?? 'CONNECTING';

/** What is shown of a source, beside the functions; adapters for frameworks go through these names. */
export const MEMBERS = ['data', 'event', 'lastEventId', 'status', 'error', 'message', 'messages', 'dropped', 'state', 'eventSource'];

/** Whether the messages of one request may be shown for the other. */
const isSameStream = (one, other) => one?.url === other.url && Object.is(one.key, other.key);

/** An address as text; null where there is none. */
const addressOf = (url) => (url === undefined || url === null || url === '' ? null : `${url}`);

/** What a component asks for: the source of this address, open or not. Another key asks for another source. */
export function requestOf(url, enabled = true, key = undefined) {
  return { url: addressOf(url), enabled, key };
}

/** What a message's data is. What a decoder throws is the page's own mistake, or the server's: it is reported, and nothing is shown. */
function dataOf(message) {
  try {
    return message.data;
  } catch (error) {
    if (typeof reportError === 'function') reportError(error);
    else queueMicrotask(() => { throw error; });
    return null;
  }
}

/** Why a source has lost its connection, or has given up. The reason of a signal is none. */
const errorOf = ({ name, reason, cause = null }) => (name === 'closed' && reason !== 'failure' ? null : cause);

const newest = (messages, limit) => (limit === 0 ? [] : messages.slice(-limit));

/** A source for one component: changes with what that asks for, and tells its listeners when there is something new to show. */
export class SourceStore {
  #options = {};
  #limit = LIMIT;
  #listeners = new Set();
  /** What is asked for; undefined before the component is mounted, and after it is unmounted. */
  #request;
  /** Whether the component is unmounted, unless it asks again before the next microtask. */
  #releasing = false;
  /** The request whose source the snapshot shows. */
  #shown;
  /** The newest source, also after `close()`: what it had received by then is still shown. */
  #source;
  #messages;
  /** Whether the source is neither closed by the component nor replaced. */
  #isKept = false;
  /** Messages that the snapshot does not show yet. */
  #fresh = [];
  #frame;
  #timer;
  #connecting;
  #closed;
  #snapshot;

  constructor() {
    const functions = { open: this.open, close: this.close };
    const blank = {
      data: null, event: null, lastEventId: null, error: null, message: null, messages: [], dropped: 0, eventSource: null, ...functions,
    };
    this.#connecting = { ...blank, status: 'CONNECTING', state: { name: 'connecting', attempt: 1 } };
    this.#closed = { ...blank, status: 'CLOSED', state: { name: 'closed', reason: 'close', cause: null } };
    this.#snapshot = this.#connecting;
  }

  /** The options of a source take effect when it is opened; its functions, and `limit`, at once. */
  set options(options) {
    const { limit } = options;
    if (limit !== undefined && !(Number.isInteger(limit) && limit >= 0)) {
      throw new TypeError(`useEventSource: limit must be a whole number from 0, such as 100, not ${String(limit)}`);
    }
    this.#options = options;
    this.#limit = limit ?? LIMIT;
  }

  /** Calls `listener` when `read` would give something new; gives a function that ends that. */
  subscribe = (listener) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** What is to be shown for a request: nothing of what came for another one. The same object until something changes. */
  read(request) {
    if (isSameStream(this.#shown, request)) return this.#snapshot;
    return request.url !== null && request.enabled ? this.#connecting : this.#closed;
  }

  /** Opens, keeps, replaces or closes the source, as a mounted component asks. Throws what opening throws. */
  want(request) {
    const before = this.#request;
    this.#releasing = false;
    if (isSameStream(before, request) && before.enabled === request.enabled) return;
    this.#request = request;
    const isShown = isSameStream(this.#shown, request);
    if (request.url !== null && request.enabled) {
      if (!isShown || !this.#isKept) this.#open();
    } else if (isShown) {
      this.close();
    } else {
      this.#leave();
      this.#show(this.#closed);
    }
  }

  /**
   * Closes the source of a component that is unmounted. React's StrictMode, and its fast refresh, mount it again in the same
   * task: then the source stays.
   */
  release = () => {
    this.#releasing = true;
    queueMicrotask(() => {
      if (!this.#releasing) return;
      this.#releasing = false;
      this.#request = undefined;
      this.close();
    });
  };

  open = () => {
    if (!this.#releasing && (this.#request?.url ?? null) !== null) this.#open();
  };

  close = () => {
    if (!this.#isKept) return;
    this.#isKept = false;
    this.#source.close();
    this.#update();
  };

  #open() {
    this.#leave();
    let source;
    try {
      source = new EventSource(this.#request.url, this.#sourceOptions());
      const { types = 'message' } = this.#options;
      this.#messages = types?.all === true ? source.messages({ all: true, batch: MOST }) : source.messages(types, { batch: MOST });
    } catch (error) {
      source?.close();
      this.#show(this.#closed);
      throw error;
    }
    this.#source = source;
    this.#isKept = true;
    source.addEventListener('statechange', () => {
      if (source === this.#source) this.#update();
    });
    this.#read(this.#messages);
    const { state } = source;
    this.#show({ ...this.#connecting, state, status: statusOf(state), eventSource: source });
  }

  /** Leaves the source for another one, or none: nothing of it is shown any more. */
  #leave() {
    const source = this.#source;
    this.#source = undefined;
    this.#isKept = false;
    this.#fresh = [];
    this.#unschedule();
    this.#messages?.return();
    this.#messages = undefined;
    source?.close();
  }

  /** Those of the source. Its functions are those that were given last: a component gives new ones with each render. */
  #sourceOptions() {
    const { types, enabled, limit, key, ...options } = this.#options;
    for (const [name, given] of Object.entries(options)) {
      if (typeof given === 'function') {
        options[name] = (...values) => {
          const now = this.#options[name];
          return (typeof now === 'function' ? now : given)(...values);
        };
      }
    }
    return options;
  }

  /**
   * Takes messages as they come and not once per frame, which `batch: 'frame'` would do: so the iterator's queue does not overflow
   * between two frames, and a hidden page holds no more of them than the list shows.
   */
  async #read(messages) {
    try {
      for await (const batch of messages) {
        if (messages !== this.#messages) return;
        this.#take(batch);
      }
    } catch {
      // The source has given up, and its state says why.
    }
  }

  #take(batch) {
    for (const message of batch) this.#fresh.push(message);
    // The newest one is shown also where no list is kept.
    const most = Math.max(this.#limit, 1);
    if (this.#fresh.length > 2 * most + MOST) this.#fresh = this.#fresh.slice(-most);
    this.#schedule();
  }

  #schedule() {
    if (this.#timer !== undefined) return;
    const update = () => this.#update();
    this.#frame = globalThis.requestAnimationFrame?.(update);
    this.#timer = setTimeout(update, this.#frame === undefined ? INTERVAL : WITHOUT_FRAME);
  }

  #unschedule() {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = undefined;
    this.#timer = undefined;
  }

  /** Shows what has come, and what the source is doing. */
  #update() {
    this.#unschedule();
    const before = this.#snapshot;
    const { state } = this.#source;
    const now = {
      ...before,
      state,
      status: statusOf(state),
      // While it connects again, what went wrong is still what there is to say.
      error: errorOf(state) ?? (state.name === 'connecting' ? before.error : null),
      dropped: this.#messages.dropped,
      eventSource: this.#isKept ? this.#source : null,
    };
    const fresh = this.#fresh;
    if (fresh.length > 0) {
      this.#fresh = [];
      const message = fresh.at(-1);
      const { type: event, lastEventId } = message;
      const messages = newest([...before.messages, ...fresh], this.#limit);
      Object.assign(now, { message, data: dataOf(message), event, lastEventId, messages });
    }
    if (MEMBERS.some((name) => now[name] !== before[name])) this.#show(now);
  }

  #show(snapshot) {
    this.#shown = this.#request ?? this.#shown;
    this.#snapshot = snapshot;
    for (const listener of this.#listeners) listener();
  }
}
