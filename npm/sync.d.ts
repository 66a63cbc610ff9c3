/**
 * The same package with all of its script loaded at once, for `initSync` and for service workers, which can't load scripts later.
 *
 * @packageDocumentation
 */

import type { InitOutput } from "./index.js";

export * from "./index.js";
export { default } from "./index.js";

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Initializes the WebAssembly synchronously, from bytes or a compiled module. It must not be called while `init` is running.
 *
 * @throws {Error} if the WebAssembly can't be compiled or started; the message says what to do.
 */
export function initSync(source: { module: SyncInitInput } | SyncInitInput): InitOutput;
