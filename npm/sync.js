// The package with wasm-bindgen's script in it, which index.js loads when it is needed: for `initSync`, and for service workers,
// which load nothing later.

import * as generated from 'generated';

import { checkWebAssembly, explained } from './loading.js';
import { bringWith } from './start.js';

export { EventSource, MessageList, default, listMessages } from './index.js';

bringWith(async () => generated);

export function initSync(given) {
  checkWebAssembly();
  try {
    generated.initSync(given);
  } catch (cause) {
    throw explained(cause);
  }
  return { memory: generated.memory() };
}
