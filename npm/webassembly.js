// What index.js loads when an option or a list needs it: wasm-bindgen's script, and what reads a source of WebAssembly's.
//
// It imports nothing of index.js's: a bundler may put that into the page's own module, and a module that is waiting, at its
// top level, for what this brings would never be done. `bind` gives it what both have.

export { bind } from 'shared';

export { default, initSync, memory } from 'generated';
