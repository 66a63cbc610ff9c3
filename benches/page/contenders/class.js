// This package's JavaScript class, in the place of the browser's EventSource.

import { onmessage } from './onmessage.js';

async function load(options) {
  const module = await import('/pkg/eventsource_wasm.js');
  const { memory } = await module.default();
  // An option that a class does not know is ignored, and the native transport would be measured as fetch.
  if (options.transport === 'fetch') delete globalThis.EventSource;
  return { module, memory };
}

/** A source whose handler counts. */
export async function listener(options) {
  const { module, memory } = await load(options);
  return { memory, ...onmessage((url) => new module.EventSource(url, options)) };
}

/** A source that is read by an iterator, in batches or message by message. */
export async function iterator(options, batch = undefined) {
  const { module, memory } = await load(options);
  return {
    memory,
    start({ url, every, tell, fail }) {
      const source = new module.EventSource(url, options);
      // The browser's own object can't be made to wait: for all that a burst brings there has to be room.
      const capacity = options.transport === 'fetch' ? 1024 : 1_000_000;
      const messages = source.messages('message', { capacity, batch });
      const read = batch === undefined ? each(messages, every, tell) : batches(messages, every, tell);
      read.catch(fail);
      return () => source.close();
    },
  };
}

async function each(messages, every, tell) {
  let seen = 0;
  for await (const message of messages) if (++seen % every === 0) tell(message.data);
}

async function batches(messages, every, tell) {
  let seen = 0;
  for await (const batch of messages) for (const message of batch) if (++seen % every === 0) tell(message.data);
}

/** `listMessages`. */
export async function list(options) {
  const { module, memory } = await load(options);
  return {
    memory,
    lists: true,
    keeps: 1000,
    start({ url, list }) {
      const shown = module.listMessages(list, url, options);
      return () => shown.close();
    },
  };
}
