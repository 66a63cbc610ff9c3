/**
 * What WebAssembly brings when it starts: `opener` opens sources, `makeEngine` what reads them, and `shares` says whether it can
 * share connections. The npm package has a build that can, which is larger, and one that can't.
 */
let core;

/** What loads the WebAssembly, where that is known. */
let load;

export function provide(given) {
  // The one that shares does all that the other does.
  if (!core?.shares) core = given;
}

/** From now on what needs the WebAssembly loads it with this function. It is told whether to share, and promises that it is there. */
export function loadWith(given) {
  load = given;
}

const isThere = (shares) => core !== undefined && (core.shares || !shares);

/** Throws where the WebAssembly, one that shares if `shares` says so, is not there and nothing loads it. */
export function checkCore(shares = false) {
  if (isThere(shares) || load !== undefined) return;
  throw new Error(core === undefined
    ? 'EventSource: this needs the WebAssembly, which is not loaded; `await init()` first (the default export)'
    : 'EventSource: share needs WebAssembly that was built with the feature share');
}

/**
 * Calls `use` with what WebAssembly brings, one that shares if `shares` says so: at once if it is there, else when it has been
 * loaded, or `failed` with the reason why it can't be.
 */
export function withCore(use, failed, shares = false) {
  checkCore(shares);
  if (isThere(shares)) use(core);
  else load(shares).then(() => use(core), failed);
}
