/**
 * The same package, with all of its script loaded at once: for `initSync`, and for service workers, which can load nothing later.
 *
 * @packageDocumentation
 */

import type { InitOutput } from "./index.js";

export * from "./index.js";
export { default } from "./index.js";

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * As `init`, at once, from bytes or a compiled module. Not while `init` is under way.
 *
 * @throws {Error} that says what to do, when it can't be compiled or started.
 */
export function initSync(source: { module: SyncInitInput } | SyncInitInput): InitOutput;
