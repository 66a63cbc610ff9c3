// A stream in the page and in each kind of worker, from this server and another.

import init, { EventSource } from './pkg/index.js';

import { assert, next, other, test } from './harness.js';

const here = '/events';
const there = `${other}/events`;
const module_ = { type: 'module' };

for (const [where, url] of Object.entries({ 'its own server': here, 'another server': there })) {
  test(`a page hears ${where}`, async () => {
    await init();
    const source = new EventSource(url);
    assert((await next(source, 'message')).data !== '');
    source.close();
  });
}

const workers = {
  dedicated: (told) => {
    const worker = new Worker('worker.js', module_);
    worker.onmessage = told;
    worker.onerror = told;
    worker.postMessage(there);
    return () => worker.terminate();
  },
  shared: (told) => {
    const worker = new SharedWorker('worker.js', module_);
    worker.port.onmessage = told;
    worker.onerror = told;
    worker.port.postMessage(there);
    return () => worker.port.close();
  },
  service: async (told) => {
    const registration = await navigator.serviceWorker.register('service.js', module_);
    const worker = registration.installing ?? registration.waiting ?? registration.active;
    navigator.serviceWorker.onmessage = told;
    navigator.serviceWorker.startMessages();
    worker.postMessage(there);
    return () => registration.unregister();
  },
};
for (const [kind, start] of Object.entries(workers)) {
  test(`a ${kind} worker hears it`, async () => {
    let stop;
    const { data, message } = await new Promise((resolve, reject) => {
      Promise.resolve(start(resolve)).then((given) => { stop = given; }, reject);
    });
    await stop?.();
    assert(data?.message !== undefined, `${data?.error ?? message}`);
  });
}
