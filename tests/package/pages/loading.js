// init(), when all is well and when it is not.

import { assert, here, rejection, same, test } from './harness.js';

let copies = 0;
/** A module that has loaded nothing yet. */
const fresh = () => import(`./pkg/index.js?copy=${copies++}`);

/** What a page asks for while `body` runs. */
async function fetches(body) {
  const { fetch } = globalThis;
  const asked = [];
  globalThis.fetch = (source, ...others) => {
    asked.push(String(source));
    return fetch(source, ...others);
  };
  try {
    await body();
  } finally {
    globalThis.fetch = fetch;
  }
  return asked;
}

test('however often and however close together it is called, it loads once', async () => {
  const { default: init, EventSource } = await fresh();
  const modules = [];
  const asked = await fetches(async () => {
    modules.push(...await Promise.all([init(), init(), init()]));
    modules.push(await init());
  });
  same(asked, [`${here}/pkg/eventsource_wasm_bg.wasm`]);
  assert(modules.every((module) => module === modules[0]));
  new EventSource('/events').close();
});

const wasm = `${here}/pkg/eventsource_wasm_bg.wasm`;
const sources = {
  'an address': () => wasm,
  'an address of no type': () => `${here}/of-no-type`,
  'a URL': () => new URL(wasm),
  'a Request': () => new Request(wasm),
  'an answer': () => fetch(wasm),
  bytes: async () => (await fetch(wasm)).arrayBuffer(),
  'a compiled module': () => WebAssembly.compileStreaming(fetch(wasm)),
  'an object with any of these': () => ({ module_or_path: fetch(wasm) }),
};
for (const [name, source] of Object.entries(sources)) {
  test(`it takes ${name}`, async () => {
    const { default: init, EventSource } = await fresh();
    await init(source());
    new EventSource('/events').close();
  });
}

const failures = {
  'a file that is not there': ['/missing.wasm', /answered 404 for .*missing\.wasm; serve the package's eventsource_wasm_bg\.wasm/],
  'a page in its place': ['/page.html', /a page \(text\/html\) for .*page\.html; serve/],
  'no server': ['http://127.0.0.1:1/file.wasm', /http:\/\/127\.0\.0\.1:1\/file\.wasm could not be fetched; is the server there.*connect-src/],
  'a broken file': ['/broken.wasm', /could not be started; is eventsource_wasm_bg\.wasm whole/],
  'broken bytes': [new Uint8Array(8), /could not be started/],
};
for (const [name, [source, message]] of Object.entries(failures)) {
  test(`${name} is an error that says what to do, and it may be called again`, async ({ note }) => {
    const { default: init, EventSource } = await fresh();
    const error = await rejection(init(source));
    assert(error instanceof Error && message.test(error.message), error.message);
    note(error.message);
    await init();
    new EventSource('/events').close();
  });
}
