// Loads the WebAssembly, once.

import { provide } from 'class/core.js';
import { Engine } from 'class/engine.js';
import { makeSource } from 'class/platform.js';

import { FILE, ask, checkWebAssembly, explained } from './loading.js';

let loading;

/** Gives wasm-bindgen's script, which only what needs the WebAssembly loads. */
let bring = () => import('./webassembly.js');

/** From now on it is given by this. */
export function bringWith(given) {
  bring = given;
}

/** Gives it what it has in common with the class. */
export function bindTo(core) {
  core.bind({ Engine, makeSource, provide });
}

export function start(given) {
  loading ??= run(given).catch((error) => {
    // So that a page can try again.
    loading = undefined;
    throw error;
  });
  return loading;
}

async function run(given) {
  checkWebAssembly();
  const named = given !== undefined && Object.getPrototypeOf(given) === Object.prototype ? given.module_or_path : given;
  // Written out, because bundlers look for just this.
  const source = named === undefined ? new URL('eventsource_wasm_bg.wasm', import.meta.url) : await named;
  const isAddress = typeof source === 'string' || source instanceof URL || (typeof Request === 'function' && source instanceof Request);
  const [loaded, { default: load, memory }] = await Promise.all([isAddress ? ask(source) : source, script()]);
  try {
    await load({ module_or_path: loaded });
  } catch (cause) {
    throw explained(cause);
  }
  return { memory: memory() };
}

async function script() {
  try {
    const core = await bring();
    bindTo(core);
    return core;
  } catch (cause) {
    const cure = globalThis.ServiceWorkerGlobalScope === undefined
      ? `serve all files beside ${FILE}, of one version`
      : 'in a service worker import eventsource-wasm/sync';
    throw new Error(`eventsource-wasm: a file of the package could not be loaded; ${cure} (${cause?.message})`, { cause });
  }
}
