/**
 * The same as `eventsource-wasm/sync`, with the WebAssembly build that shares connections: for the option `share` in service workers, and
 * for `initSync` with `eventsource_wasm_share_bg.wasm`.
 *
 * @packageDocumentation
 */

export * from "./sync.js";
export { default } from "./sync.js";
