// Under a policy that forbids WebAssembly.

import init, { EventSource } from './pkg/index.js';

import { assert, next, other, rejection, same, test } from './harness.js';

const lacks = /Content-Security-Policy forbids WebAssembly; add 'wasm-unsafe-eval' to its script-src/;

test('init() says what the policy lacks', async ({ note }) => {
  const { message } = await rejection(init());
  note(message);
  assert(lacks.test(message), message);
});

test('without options a source works', async () => {
  const source = new EventSource(`${other}/events?cors=on&data=n&t0=0&interval=0&count=3`);
  same((await next(source, 'message')).data, '0');
  source.close();
});

test('with options it closes, and says what the policy lacks', async () => {
  const source = new EventSource(`${other}/events?cors=on`, { reconnect: true });
  const { detail } = await next(source, 'statechange');
  same([detail.name, detail.reason, source.readyState], ['closed', 'failure', 2]);
  assert(lacks.test(detail.cause.message), detail.cause.message);
});
