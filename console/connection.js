// A source that the page has opened, with its history: its messages, its states, and over `fetch` its bytes.

import { History } from './history.js';
import { LiveList } from './live_list.js';
import { sourceOptions, typesOf } from './options.js';
import { Timeline } from './timeline.js';
import { Wire } from './wire.js';
import { Buckets } from './buckets.js';

/** How many messages a batch may have, and how many may be queued. */
const BATCH = 4096;
const CAPACITY = 65_536;

export class Connection {
  source;
  history = new History();
  timeline = new Timeline();
  buckets = new Buckets();
  /** The bytes, over `fetch`. */
  wire = null;
  list;
  /** Called with each new state. */
  onstate = () => {};
  #delayOf;

  constructor(wasm, url, given, ul) {
    const options = sourceOptions(given);
    const types = ['message', ...typesOf(given)];
    const isFetch = options.transport === 'fetch';
    if (isFetch) {
      // A suppressed duplicate gets no number, so its block would be taken for that of the next message.
      this.wire = new Wire(options.suppressDuplicates === undefined);
      options.fetch = this.wire.fetch;
    }
    this.#delayOf = delays(new URL(url));
    // An option is always given, because without any the class would be the browser's own `EventSource`. This is its default.
    this.source = new wasm.EventSource(url, { gapEvent: 'gap', ...options });
    const add = EventTarget.prototype.addEventListener.bind(this.source);
    add('statechange', (event) => {
      // A message from the server may have the type `statechange` too.
      if (event instanceof CustomEvent) this.#changed(event.detail);
    });
    this.timeline.add(now(), this.source.state);
    const batches = isFetch ? this.source.messages({ all: true, batch: BATCH })
      : this.source.messages(types, { batch: BATCH, capacity: CAPACITY });
    this.#read(batches);
    this.list = new LiveList(wasm, this.source, ul, this.history, !isFetch && types.length === 1);
  }

  /** Stores messages in batches: at 10,000 messages a second, an event for each would be most of the work. */
  async #read(batches) {
    try {
      for await (const batch of batches) {
        // The messages of a batch share one time.
        const time = now();
        for (const { type, data, lastEventId } of batch) {
          const { gap } = this.history.add(time, type, data, lastEventId);
          this.buckets.add(time, gap, this.#delayOf(time, lastEventId));
        }
        this.list.wake();
      }
    } catch {
      // The source has closed, and its state says why.
    }
  }

  #changed(state) {
    this.timeline.add(now(), state, this.source.response);
    this.onstate(state);
  }

  get paused() {
    return this.list.paused;
  }

  pause() {
    this.list.pause();
  }

  resume() {
    this.list.resume();
  }

  clear() {
    this.history.clear();
    this.list.clear();
  }

  close() {
    this.source.close();
    this.list.close();
  }
}

/** Milliseconds since the Unix epoch, with the browser's best resolution. */
function now() {
  return performance.timeOrigin + performance.now();
}

/**
 * Makes a function that computes how late a message is from its id: the dev server's ids are `<t0>-<n>`, and event n is due at
 * t0 + n · interval; a pushed event, at t0. The function returns `null` if the id has no time.
 */
function delays(url) {
  const timed = url.searchParams.has('channel') ? 0 : milliseconds(url.searchParams.get('interval') ?? '5s');
  return (time, id) => {
    const found = timed === null ? null : /^(\d{13})-(\d+)$/.exec(id);
    if (found === null) return null;
    const delay = time - (Number(found[1]) + Number(found[2]) * timed);
    // More than an hour means that the id is from another clock, or that old events are being caught up on.
    return Math.abs(delay) < 3_600_000 ? Math.max(0, delay) : null;
  };
}

/** A duration in the dev server's notation, such as `250ms`, `1.5s` or `1m`, in milliseconds; `null` for any other text. */
function milliseconds(text) {
  const found = /^(\d+(?:\.\d+)?)(us|ms|s|m|h)?$/.exec(text);
  return found && Number(found[1]) * { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[found[2] ?? 'ms'];
}
