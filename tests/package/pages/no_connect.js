// Under a policy that forbids connections.

import init from './pkg/index.js';

import { assert, rejection, test } from './harness.js';

test('init() says what the policy lacks', async ({ note }) => {
  const { message } = await rejection(init());
  note(message);
  assert(/could not be fetched.*connect-src/.test(message), message);
});
