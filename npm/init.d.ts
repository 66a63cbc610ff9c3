/** Where the WebAssembly comes from: an address, an answer, its bytes, or a module that is compiled already. */
export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOptions {
    /** By default the package's own file, beside its JavaScript. */
    module_or_path?: InitInput | Promise<InitInput>;
    /** Whether to load the build that shares connections, which the option `share` needs. Default: false. */
    share?: boolean;
}

/** The WebAssembly's own exports. What else there is may change with every version. */
export interface InitOutput {
    readonly memory: WebAssembly.Memory;
}

/**
 * Loads the WebAssembly, which options and lists need: once, however often it is called. They load it by themselves, so this
 * is for loading it before it is needed, or from elsewhere.
 *
 * Without an argument, from the file beside this module, which bundlers find by themselves. The option `share` needs
 * another file, which is a third larger and does all that this one does: `init({ share: true })` loads it.
 *
 * @throws {Error} that says what to do, when it can't be fetched, compiled or started. It may be called again.
 */
export default function init(source?: InitOptions | InitInput | Promise<InitInput>): Promise<InitOutput>;

