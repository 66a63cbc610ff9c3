// What TypeScript knows since 5.2.

import { EventSource } from 'eventsource-wasm';

{
  using short = new EventSource('/events');
  await using messages = short.messages();
  console.log(short.url, messages.dropped);
}
