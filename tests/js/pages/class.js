// The class as a script sees it, beside the platform's own.

import { assert, next, same, script, test, thrown, until, within } from './harness.js';
import { connections, token } from './harness.js';
import init, { EventSource as Ours } from '../eventsource_wasm.js';

test('before init() the constructor says what to do', async () => {
  const error = thrown(() => new Ours('/events'));
  same(error.name, 'Error');
  assert(error.message.includes('await init()'), error.message);
  await init();
});

test('init() may be called again', async () => {
  const first = await init();
  assert(first === await init());
});

test('messages arrive as MessageEvents', async () => {
  const source = new Ours(await script(['id: 7\ndata: one\n\n', { end: 'stall' }]));
  assert(source instanceof EventTarget);
  assert(source instanceof Ours);
  const message = await next(source, 'message');
  assert(message instanceof MessageEvent);
  assert(message.target === source);
  same([message.data, message.lastEventId, message.origin], ['one', '7', location.origin]);
  source.close();
});
