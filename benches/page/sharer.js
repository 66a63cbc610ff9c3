// A worker with one of several sources of a stream. It is told which `kind` to load, then which `url` to read, and says when
// the first and the last of `count` messages came.

import { createSSEClient } from '@flamefrontend/sse-runtime-core';
import { SharedEventSource } from 'shared-event-source';
import { position } from './messages.js';

/** Loads what opens sources: gives a function of a URL and a listener, which gives what closes the source. */
const kinds = {
  none: async () => opener((url) => new EventSource(url)),
  class: () => ours({ transport: 'native', reconnect: true }),
  native: () => ours({ transport: 'native', reconnect: true, share: true }),
  'class-fetch': () => ours({ transport: 'fetch', reconnect: true }),
  fetch: () => ours({ transport: 'fetch', reconnect: true, share: true }),
  'shared-event-source': async () => opener((url) => new SharedEventSource(url)),
  flame: async () => (url, listener) => {
    const coordination = { enabled: true, mode: 'single-tab' };
    const client = createSSEClient({ key: [url], url, events: { message: listener }, coordination });
    client.connect();
    return () => client.disconnect();
  },
};

const opener = (make) => (url, listener) => {
  const source = make(url);
  source.onmessage = ({ data }) => listener(data);
  return () => source.close();
};

async function ours(options) {
  const module = await import('/pkg/eventsource_wasm.js');
  await module.default();
  return opener((url) => new module.EventSource(url, options));
}

const now = () => performance.timeOrigin + performance.now();

let open;
let close;

function read(url, count) {
  let seen = 0;
  let begin;
  close = open(url, (data) => {
    seen += 1;
    if (seen === 1) begin = now();
    if (seen !== count) return;
    const end = now();
    const { n } = position(String(data));
    postMessage(n === count - 1 ? { begin, end } : { failed: `message ${n} came as number ${count - 1}` });
  });
}

onmessage = async ({ data: { kind, url, count, close: ends } }) => {
  try {
    if (kind !== undefined) {
      open = await kinds[kind]();
      postMessage({});
    } else if (url !== undefined) {
      read(url, count);
    } else if (ends) {
      close();
    }
  } catch (error) {
    postMessage({ failed: String(error) });
  }
};
