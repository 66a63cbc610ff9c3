/** What WebAssembly brings when it starts: `opener` opens sources, `makeEngine` what reads them. */
let core;

/** What loads the WebAssembly, where that is known. */
let load;

export function provide(given) {
  core = given;
}

/** From now on what needs the WebAssembly loads it with this function, which promises that it is there. */
export function loadWith(given) {
  load = given;
}

/** Throws where the WebAssembly is not there and nothing loads it. */
export function checkCore() {
  if (core === undefined && load === undefined) {
    throw new Error('EventSource: this needs the WebAssembly, which is not loaded; `await init()` first (the default export)');
  }
}

/**
 * Calls `use` with what WebAssembly brings: at once if it is there, else when it has been loaded, or `failed` with the reason
 * why it can't be.
 */
export function withCore(use, failed) {
  checkCore();
  if (core === undefined) load().then(() => use(core), failed);
  else use(core);
}
