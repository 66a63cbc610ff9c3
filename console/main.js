// Loads the package and shows the streams that the page's address names.

import { code, sentence } from './dom.js';
import { read, write } from './link.js';
import { makeLab } from './panel_lab.js';
import { home, typedStream } from './place.js';
import { Stream } from './stream.js';

/** The maximum number of streams: browsers open only six connections to a server over HTTP/1.1. */
const MOST = 6;

const parent = document.querySelector('#streams');
const adding = document.querySelector('#add');
let streams = [];
let wasm;

/** Writes the streams into the page's address, so that a link or a reload shows them again. */
function keepAddress() {
  const query = write(streams.map((stream) => ({
    text: stream.text === stream.presetText ? undefined : stream.text,
    options: stream.options,
    shown: stream.shown,
  })));
  history.replaceState(null, '', home.pathname + query + location.hash);
}

function layOut() {
  document.body.classList.toggle('several', streams.length > 1);
  document.body.classList.toggle('with-panel', streams.some(({ panels }) => panels.shown !== ''));
  for (const stream of streams) stream.parts.remove.hidden = streams.length === 1;
  adding.disabled = streams.length >= MOST;
}

function add(given) {
  const stream = new Stream(parent, { ...given, isFirst: streams.length === 0 });
  streams.push(stream);
  stream.addEventListener('submit', () => {
    if (wasm === undefined) return;
    stream.connect(wasm);
    keepAddress();
  });
  stream.addEventListener('shown', () => {
    layOut();
    if (wasm !== undefined) keepAddress();
  });
  stream.addEventListener('remove', () => {
    streams = streams.filter((other) => other !== stream);
    layOut();
    keepAddress();
    streams[0].parts.address.focus();
  });
  return stream;
}

const typed = typedStream(location);
const asked = typed === null ? read(location.search, MOST) : [{ text: typed }];
for (const given of asked) add(given);
layOut();

try {
  wasm = await import('../pkg/eventsource_wasm.js');
  await wasm.default();
} catch (error) {
  wasm = undefined;
  streams[0].fail('Not loaded', 'The page’s WebAssembly could not be loaded. Build and serve it with ', code('cargo run -p dev-server'), ', or build it with ',
    code('wasm-pack build --target web'), ` and reload the page. ${sentence(String(error.message ?? error))}`);
  for (const other of streams.slice(1)) other.remove();
  document.querySelector('footer').hidden = true;
  throw error;
}
for (const stream of streams) stream.connect(wasm);
for (const [at, { shown = {} }] of asked.entries()) streams[at].show(shown);

const labTab = document.querySelector('#lab');
const labPanel = document.querySelector('#lab-panel');
let lab;
labTab.addEventListener('click', () => {
  lab ??= makeLab(labPanel, wasm);
  labPanel.hidden = !labPanel.hidden;
  labTab.setAttribute('aria-expanded', String(!labPanel.hidden));
  if (labPanel.hidden) lab.close();
  else lab.open();
});

adding.addEventListener('click', () => {
  const stream = add({});
  layOut();
  stream.connect(wasm);
  keepAddress();
  stream.parts.address.focus();
  stream.parts.address.select();
});
