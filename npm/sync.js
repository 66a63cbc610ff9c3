// The package with wasm-bindgen's script in it, which index.js loads when it is needed: for `initSync`, and for service workers,
// which load nothing later.

import * as core from './webassembly.js';

import { checkWebAssembly, explained } from './loading.js';
import { bindTo, bringWith } from './start.js';

export { EventSource, MessageList, default, listMessages } from './index.js';

bindTo(core);
bringWith(async () => core);

export function initSync(given) {
  checkWebAssembly();
  try {
    // Bytes by themselves make wasm-bindgen's warn.
    core.initSync(given !== null && Object.getPrototypeOf(given ?? {}) === Object.prototype ? given : { module: given });
  } catch (cause) {
    throw explained(cause);
  }
  return { memory: core.memory() };
}
