// This package's JavaScript class, in the place of the browser's EventSource.

import { onmessage } from './onmessage.js';

export async function ours(options) {
  const ours = await import('/pkg/eventsource_wasm.js');
  if (!ours.EventSource) throw new Error('the class is still to come');
  const { memory } = await ours.default();
  return { memory, ...onmessage((url) => new ours.EventSource(url, options)) };
}
