// The package's entry. What wasm-bindgen generates loads the WebAssembly too, but its errors do not say what to do.

import load from 'generated';

export { EventSource, MessageList, initSync, listMessages } from 'generated';

const FILE = 'eventsource_wasm_bg.wasm';

let loading;

export default function init(given = undefined) {
  loading ??= start(given).catch((error) => {
    // So that a page can try again.
    loading = undefined;
    throw error;
  });
  return loading;
}

async function start(given) {
  if (typeof WebAssembly !== 'object') {
    throw new Error('eventsource-wasm: there is no WebAssembly here; this browser is too old, or forbids it for safety (lockdown mode)');
  }
  const named = given !== undefined && Object.getPrototypeOf(given) === Object.prototype ? given.module_or_path : given;
  // Written out, because bundlers look for just this.
  const source = named === undefined ? new URL('eventsource_wasm_bg.wasm', import.meta.url) : await named;
  const isAddress = typeof source === 'string' || source instanceof URL || (typeof Request === 'function' && source instanceof Request);
  const loaded = isAddress ? await ask(source) : source;
  try {
    return await load({ module_or_path: loaded });
  } catch (cause) {
    throw explained(cause);
  }
}

/** The server's answer, if it can be WebAssembly. */
async function ask(source) {
  const url = source.url ?? String(source);
  if (url.startsWith('file:')) {
    throw new Error('eventsource-wasm: init() loads over HTTP, in a browser or worker; where pages are rendered on a server, import the package but call init() in the browser only');
  }
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

const remedy = `serve the package's ${FILE} there, or give init() its address (with Vite before 8: optimizeDeps.exclude: ['eventsource-wasm'])`;

function explained(cause) {
  const text = String(cause?.message ?? cause);
  if (/content.security.policy|\bCSP\b|unsafe-eval/i.test(text)) {
    return new Error(`eventsource-wasm: the page's Content-Security-Policy forbids WebAssembly; add 'wasm-unsafe-eval' to its script-src (${text})`, { cause });
  }
  return new Error(`eventsource-wasm: its WebAssembly could not be started; is ${FILE} whole, and of the same version as the package's JavaScript? (${text})`, { cause });
}
