import { checkWebAssembly } from './loading.js';

/** Makes the function that starts the WebAssembly at once, with wasm-bindgen's script in `core`. */
export const syncWith = (core) => function initSync(given) {
  checkWebAssembly();
  // Bytes by themselves make wasm-bindgen's warn.
  return core.startSync(given !== null && Object.getPrototypeOf(given ?? {}) === Object.prototype ? given : { module: given });
};
