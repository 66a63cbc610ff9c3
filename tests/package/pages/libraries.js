// Libraries that make sources of the platform's class and know of no other, and what stands in that one's place.

import { test } from './harness.js';

/** Runs a script of an npm package, as a page does. */
export async function library(path) {
  const script = document.createElement('script');
  script.src = `libraries/${path}`;
  await new Promise((resolve, reject) => {
    script.onload = resolve;
    script.onerror = () => reject(new Error(`there is no ${path}`));
    document.head.append(script);
  });
}

const Platform = globalThis.EventSource;

let copies = 0;
/** A package that has loaded nothing yet. */
export const fresh = () => import(`./copies/${copies++}/index.js`);

/** Options that a page may want for all its sources. */
export const defaults = {
  'without options': undefined,
  'that reconnects': { reconnect: true },
  'over fetch': { transport: 'fetch' },
};

const withDefaults = (Class, settings) => class extends Class {
  constructor(url, options) {
    super(url, { ...settings, ...options });
  }
};

/** A test with each class in the platform's place, before its WebAssembly is loaded and after. */
export function inItsPlace(name, body) {
  for (const [kind, settings] of Object.entries(defaults)) {
    for (const loaded of [false, true]) {
      test(`${name}: the class ${kind}, ${loaded ? 'loaded' : 'not loaded yet'}`, async () => {
        const { default: init, EventSource } = await fresh();
        if (loaded) await init();
        const ends = [];
        globalThis.EventSource = settings === undefined ? EventSource : withDefaults(EventSource, settings);
        try {
          await body({ Class: EventSource, reconnects: settings?.reconnect === true, atEnd: (end) => ends.push(end) });
        } finally {
          globalThis.EventSource = Platform;
          // What is left open would keep others from the server: browsers make only so many connections.
          for (const end of ends) end();
        }
      });
    }
  }
}
