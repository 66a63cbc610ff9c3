// Under a policy that forbids WebAssembly.

import init from './pkg/index.js';

import { assert, rejection, test } from './harness.js';

test('init() says what the policy lacks', async ({ note }) => {
  const { message } = await rejection(init());
  note(message);
  assert(/Content-Security-Policy forbids WebAssembly; add 'wasm-unsafe-eval' to its script-src/.test(message), message);
});
