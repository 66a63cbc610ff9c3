/**
 * As `eventsource-wasm/sync`, with the build of the WebAssembly that shares connections: for `share` in service workers, and for
 * `initSync` with `eventsource_wasm_share_bg.wasm`.
 *
 * @packageDocumentation
 */

export * from "./sync.js";
export { default } from "./sync.js";
