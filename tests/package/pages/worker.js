// Tells the first message of a stream, in a worker of any kind.

import init, { EventSource } from './pkg/index.js';

async function tell(url, port) {
  try {
    await init();
    const source = new EventSource(url);
    source.onmessage = ({ data }) => {
      source.close();
      port.postMessage({ message: data });
    };
  } catch (error) {
    port.postMessage({ error: String(error) });
  }
}

if (globalThis.ServiceWorkerGlobalScope !== undefined) {
  addEventListener('message', (event) => event.waitUntil(tell(event.data, event.source)));
} else if (globalThis.SharedWorkerGlobalScope !== undefined) {
  addEventListener('connect', ({ ports: [port] }) => { port.onmessage = ({ data }) => tell(data, port); });
} else {
  addEventListener('message', ({ data }) => tell(data, globalThis));
}
