// What index.js loads when an option or a list needs it: wasm-bindgen's script, and what reads a source of WebAssembly's.
//
// It imports nothing of index.js's: a bundler may put that into the page's own module, and a module that is waiting, at its
// top level, for what this brings would never be done. `bind` gives it what both have.

import load, { initSync, memory } from 'generated';

export { bind } from 'shared';

/** Starts the WebAssembly with the server's answer, its bytes, or a compiled module. */
export async function start(given) {
  try {
    await load({ module_or_path: given });
  } catch (cause) {
    throw explained(cause);
  }
  return { memory: memory() };
}

/** As `start`, at once, with `{ module }`. */
export function startSync(given) {
  try {
    initSync(given);
  } catch (cause) {
    throw explained(cause);
  }
  return { memory: memory() };
}

function explained(cause) {
  const text = String(cause?.message ?? cause);
  if (/content.security.policy|\bCSP\b|unsafe-eval/i.test(text)) {
    return new Error(`eventsource-wasm: the page's Content-Security-Policy forbids WebAssembly; add 'wasm-unsafe-eval' to its script-src (${text})`, { cause });
  }
  return new Error(`eventsource-wasm: the WebAssembly could not be started; make sure that the file is complete, is the build that the options need (share), and has the same version as the package's JavaScript (${text})`, { cause });
}
