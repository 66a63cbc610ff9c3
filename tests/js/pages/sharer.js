// One of those who share a connection, in a page of its own or a worker: keeps what it is told.

import init, { EventSource } from '../eventsource_wasm.js';

const given = new URLSearchParams(location.search);
if (given.has('locks')) Object.defineProperty(navigator, 'locks', { value: undefined });
if (given.has('deaf')) {
  // Where `isDeaf` is set, what others post is lost.
  globalThis.BroadcastChannel = class extends BroadcastChannel {
    constructor(name) {
      super(name);
      this.addEventListener('message', (event) => {
        if (globalThis.isDeaf) event.stopImmediatePropagation();
      });
    }
  };
}
await init();

/** What has come: the messages' data, and the states. */
export const got = [];
export const states = [];

const options = JSON.parse(given.get('options') ?? '{}');
if (given.has('ends')) options.endEvent = () => globalThis.isOver === true;
export const source = new EventSource(given.get('url'), { share: true, reconnect: true, ...options });
source.addEventListener('statechange', ({ detail }) => states.push({ ...detail, cause: detail.cause?.message }));
for (const type of (given.get('types') ?? 'message').split(',')) source.addEventListener(type, ({ data }) => got.push(data));

globalThis.sharer = { source, got, states, EventSource };

/** Asked by messages where this is a worker. */
globalThis.onmessage = ({ data: question, ports: [port] }) => {
  if (question === undefined || port === undefined) return;
  if (question.block !== undefined) {
    // As a page that computes, or hangs.
    for (const end = performance.now() + question.block; performance.now() < end;);
  }
  if (question.close) source.close();
  const { state, stats, lastEventId } = source;
  port.postMessage({ got, states, state, stats, lastEventId });
};
