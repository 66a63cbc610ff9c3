// The table of conformance.js again, in each kind of worker.

import { assert, test } from './harness.js';

const script = `./worker.js${location.search}`;
const module_ = { type: 'module' };

const kinds = {
  dedicated: (tell) => {
    const worker = new Worker(script, module_);
    worker.onmessage = tell;
    worker.onerror = tell;
    return () => worker.terminate();
  },
  shared: (tell) => {
    const worker = new SharedWorker(script, module_);
    worker.port.onmessage = tell;
    worker.onerror = tell;
    return () => worker.port.close();
  },
  service: async (tell) => {
    const registration = await navigator.serviceWorker.register(script, module_);
    const worker = registration.installing ?? registration.waiting ?? registration.active;
    navigator.serviceWorker.onmessage = tell;
    navigator.serviceWorker.startMessages();
    worker.postMessage('run');
    return () => registration.unregister();
  },
};

for (const [kind, start] of Object.entries(kinds)) {
  test(`every case in a ${kind} worker`, async ({ note }) => {
    let stop;
    const { data: results, message } = await new Promise((resolve, reject) => {
      Promise.resolve(start(resolve)).then((given) => { stop = given; }, reject);
    });
    stop?.();
    assert(Array.isArray(results), `the worker did not start: ${message}`);
    const failures = results.filter(({ error }) => error !== undefined);
    note(`${results.length} cases`);
    assert(results.length > 100 && failures.length === 0, failures.map(({ name, error }) => `${name}: ${error}`).join('\n'));
  }, 300_000);
}
