// The table of cases in a worker of any kind, for workers.js.

import './conformance.js';

import { run } from './harness.js';

async function tell(port) {
  port.postMessage(await run());
}

if (globalThis.ServiceWorkerGlobalScope !== undefined) {
  addEventListener('message', (event) => event.waitUntil(tell(event.source)));
} else if (globalThis.SharedWorkerGlobalScope !== undefined) {
  addEventListener('connect', ({ ports }) => tell(ports[0]));
} else {
  tell(globalThis);
}
