// Loads the package and shows the streams that the page's address names.

import { code, sentence } from './dom.js';
import { home, typedStream } from './place.js';
import { Stream } from './stream.js';

const parent = document.querySelector('#streams');
const streams = [];

/** Writes the streams into the page's address, so that a link or a reload shows them again. */
function keepAddress() {
  const [stream] = streams;
  const here = new URL(location.href);
  here.pathname = home.pathname;
  if (stream.isDefault) here.searchParams.delete('url');
  else here.searchParams.set('url', stream.text);
  history.replaceState(null, '', here);
}

function add(given) {
  const stream = new Stream(parent, { ...given, isFirst: streams.length === 0 });
  streams.push(stream);
  return stream;
}

const typed = typedStream(location);
const asked = new URLSearchParams(location.search).get('url');
const first = add({ text: typed ?? asked ?? undefined });

try {
  const wasm = await import('../pkg/eventsource_wasm.js');
  await wasm.default();
  first.addEventListener('submit', () => {
    first.connect(wasm);
    keepAddress();
  });
  first.connect(wasm);
} catch (error) {
  first.fail('Not loaded', 'The page’s WebAssembly did not load. Build and serve it with ', code('cargo run -p dev-server'), ', or build it with ',
    code('wasm-pack build --target web'), ` and reload the page. ${sentence(String(error.message ?? error))}`);
  throw error;
}
