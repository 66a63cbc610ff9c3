// A source that the page has opened, with what it has told: its messages, its states, and over `fetch` its bytes.

import { History } from './history.js';
import { LiveList } from './live_list.js';
import { sourceOptions, typesOf } from './options.js';
import { Timeline } from './timeline.js';
import { Wire } from './wire.js';
import { Buckets } from './buckets.js';

/** How many messages are taken at once, and how many may wait for that. */
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
      // A message that is left out as a duplicate has no number, and its block would pass for the next one's.
      this.wire = new Wire(options.suppressDuplicates === undefined);
      options.fetch = this.wire.fetch;
    }
    this.#delayOf = delays(new URL(url));
    // The option's default, so that the package reads the stream whatever is chosen.
    this.source = new wasm.EventSource(url, { gapEvent: 'gap', ...options });
    const add = EventTarget.prototype.addEventListener.bind(this.source);
    add('statechange', (event) => {
      // A server may name its messages so too.
      if (event instanceof CustomEvent) this.#changed(event.detail);
    });
    this.timeline.add(now(), this.source.state);
    const batches = isFetch ? this.source.messages({ all: true, batch: BATCH })
      : this.source.messages(types, { batch: BATCH, capacity: CAPACITY });
    this.#read(batches);
    this.list = new LiveList(wasm, this.source, ul, this.history, !isFetch && types.length === 1);
  }

  /** Puts away what comes, in arrays: at 10,000 messages a second an event for each would be most of the work. */
  async #read(batches) {
    try {
      for await (const batch of batches) {
        // What has come at once has one time.
        const time = now();
        for (const { type, data, lastEventId } of batch) {
          const { gap } = this.history.add(time, type, data, lastEventId);
          this.buckets.add(time, gap, this.#delayOf(time, lastEventId));
        }
        this.list.wake();
      }
    } catch {
      // The source has given up, and its state says why.
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

/** Milliseconds since the Unix epoch, as finely as the browser tells. */
function now() {
  return performance.timeOrigin + performance.now();
}

/**
 * How late a message is, by its id: the dev server's are `<t0>-<n>`, and event n is due at t0 + n · interval; a pushed event, at t0.
 * `null` where the id tells no time.
 */
function delays(url) {
  const timed = url.searchParams.has('channel') ? 0 : milliseconds(url.searchParams.get('interval') ?? '5s');
  return (time, id) => {
    const found = timed === null ? null : /^(\d{13})-(\d+)$/.exec(id);
    if (found === null) return null;
    const delay = time - (Number(found[1]) + Number(found[2]) * timed);
    // Of another clock, or of a stream that was begun long ago and is caught up with.
    return Math.abs(delay) < 3_600_000 ? Math.max(0, delay) : null;
  };
}

/** A duration as the dev server has it, such as `250ms`, `1.5s` or `1m`; `null` for any other. */
function milliseconds(text) {
  const found = /^(\d+(?:\.\d+)?)(us|ms|s|m|h)?$/.exec(text);
  return found && Number(found[1]) * { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[found[2] ?? 'ms'];
}
