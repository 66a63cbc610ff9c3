// This package's JavaScript class, in the place of the browser's EventSource.

import { onmessage } from './onmessage.js';

export async function ours(options) {
  const ours = await import('/pkg/eventsource_wasm.js');
  if (!ours.EventSource) throw new Error('the class is still to come');
  const { memory } = await ours.default();
  // An option that a class does not know is ignored, and the native transport would be measured as fetch.
  if (options.transport === 'fetch') delete globalThis.EventSource;
  return { memory, ...onmessage((url) => new ours.EventSource(url, options)) };
}
