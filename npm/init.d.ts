/** The WebAssembly to load: its URL, a response, its bytes, or a compiled module. */
export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOptions {
    /** Default: the package's own file, beside its JavaScript. */
    module_or_path?: InitInput | Promise<InitInput>;
    /** Whether to load the build that shares connections, which the option `share` needs. Default: false. */
    share?: boolean;
}

/** The exports of the WebAssembly. All but `memory` may change with every version. */
export interface InitOutput {
    readonly memory: WebAssembly.Memory;
}

/**
 * Loads the WebAssembly, which sources with options and lists need. They load it by themselves; call this to load it before it is needed,
 * or from another URL. It is loaded once, however often this is called.
 *
 * Without an argument, it loads the file beside this module, which bundlers find by themselves. The option `share` needs another file,
 * which is a third larger and includes everything in this one: `init({ share: true })` loads it.
 *
 * @throws {Error} if the WebAssembly can't be fetched, compiled or started; the message says what to do. You can call it again.
 */
export default function init(source?: InitOptions | InitInput | Promise<InitInput>): Promise<InitOutput>;

