// Loading the WebAssembly, with errors that say what to do: what wasm-bindgen generates loads it too, but without.

export function checkWebAssembly() {
  if (typeof WebAssembly !== 'object') {
    throw new Error('eventsource-wasm: WebAssembly is not available; this browser is too old, or blocks it (Lockdown Mode)');
  }
}

/** The server's answer, if it can be WebAssembly. */
export async function ask(source) {
  const url = source.url ?? String(source);
  if (url.startsWith('file:')) return bytesOf(url);
  let answer;
  try {
    answer = await fetch(source);
  } catch (cause) {
    throw new Error(`eventsource-wasm: ${url} could not be fetched; is the server there, and do the page's Content-Security-Policy (connect-src) and, for another origin, CORS allow it?`, { cause });
  }
  if (!answer.ok) {
    throw new Error(`eventsource-wasm: the server answered ${answer.status} for ${url}; ${remedy}`);
  }
  const type = answer.headers.get('content-type') ?? '';
  if (/^text\/html\b/i.test(type)) {
    throw new Error(`eventsource-wasm: the server answered with a page (text/html) for ${url}; ${remedy}`);
  }
  return answer;
}

const remedy = 'serve the package\'s file there, or give init() its address (with Vite before 8: optimizeDeps.exclude: [\'eventsource-wasm\'])';

/** The bytes of a file, where scripts can read one: in Node and the like. */
async function bytesOf(url) {
  // Not imported: bundlers for pages would look for it.
  const files = globalThis.process?.getBuiltinModule?.('node:fs/promises');
  if (files === undefined) {
    throw new Error('eventsource-wasm: init() can\'t read files here; give it the bytes');
  }
  return files.readFile(new URL(url));
}
