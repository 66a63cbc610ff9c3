/** What opens sources: WebAssembly brings it when it starts. */
let opener;

/** What loads the WebAssembly, where that is known. */
let load;

export function install(given) {
  opener = given;
}

/** From now on what needs the WebAssembly loads it with this function, which promises that it is there. */
export function loadWith(given) {
  load = given;
}

/** Throws where the WebAssembly is not there and nothing loads it. */
export function checkCore() {
  if (opener === undefined && load === undefined) {
    throw new Error('EventSource: its WebAssembly is not loaded yet, which this needs; `await init()` first, with the default export of this package');
  }
}

/**
 * Calls `use` with what opens sources: at once if the WebAssembly is there, else when it has been loaded, or `failed` with
 * the reason why it can't be.
 */
export function withOpener(use, failed) {
  checkCore();
  if (opener === undefined) load().then(() => use(opener), failed);
  else use(opener);
}
