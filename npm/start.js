// Loads the WebAssembly: each of its two builds once, and only what is asked for.

import { loadWith, provide } from 'class/core.js';
import { Engine } from 'class/engine.js';
import { makeSource } from 'class/platform.js';

import { ask, checkWebAssembly } from './loading.js';

// Addresses are written out, because bundlers look for just this. `bring` gives wasm-bindgen's script.
const PLAIN = {
  address: () => new URL('eventsource_wasm_bg.wasm', import.meta.url),
  bring: () => import('./webassembly.js'),
};

/** It does all that the other does, and shares connections. */
const SHARING = {
  address: () => new URL('eventsource_wasm_share_bg.wasm', import.meta.url),
  bring: () => import('./webassembly_share.js'),
};

/** From now on the script of one of them is this. */
export function bringWith(core, { share }) {
  bindTo(core);
  const build = share ? SHARING : PLAIN;
  build.bring = async () => core;
  build.isHere = true;
}

/** Gives it what it has in common with the class. */
function bindTo(core) {
  core.bind({ Engine, makeSource, provide });
}

export function start(given) {
  const { module_or_path: source, share } = given !== undefined && Object.getPrototypeOf(given) === Object.prototype ? given : { module_or_path: given };
  // What is there, or is being loaded, may do.
  const build = share || SHARING.isHere || SHARING.loading ? SHARING : PLAIN;
  build.loading ??= run(build, source).catch((error) => {
    // So that a page can try again.
    build.loading = undefined;
    throw error;
  });
  return build.loading;
}

async function run(build, given) {
  checkWebAssembly();
  const source = given === undefined ? build.address() : await given;
  const isAddress = typeof source === 'string' || source instanceof URL || (typeof Request === 'function' && source instanceof Request);
  const [loaded, core] = await Promise.all([isAddress ? ask(source) : source, script(build)]);
  return core.start(loaded);
}

async function script(build) {
  try {
    const core = await build.bring();
    bindTo(core);
    return core;
  } catch (cause) {
    const cure = globalThis.ServiceWorkerGlobalScope === undefined
      ? 'serve all its files together, of one version'
      : `in a service worker import eventsource-wasm/sync${build === SHARING ? '-share' : ''}`;
    throw new Error(`eventsource-wasm: a file of the package could not be loaded; ${cure} (${cause?.message})`, { cause });
  }
}

loadWith((share) => start({ share }));
