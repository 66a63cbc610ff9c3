import type { EventSource, EventSourceOptions, Message, SourceError, SourceState } from "./index.js";

/** The state of a source, as `useEventSource` returns it. */
export interface SourceSnapshot<Data = string> {
    /** The data of the last message; `null` before the first, and if `decode` threw, which is reported like an uncaught error. */
    readonly data: Data | null;
    /** The type of the last message; `null` before the first. */
    readonly event: string | null;
    /** The last event ID of the last message; `null` before the first. */
    readonly lastEventId: string | null;
    /** `"CONNECTING"` also while the source waits for the next attempt or is paused; see `state`. */
    readonly status: "CONNECTING" | "OPEN" | "CLOSED";
    /** Why the connection was lost, until it is open again; or why the source has given up. `null` if there is no error. */
    readonly error: SourceError | null;
    /** The last message; `null` before the first. */
    readonly message: Message<Data> | null;
    /** The last messages, at most `limit`, oldest first. It is a new array whenever there is a new message. */
    readonly messages: readonly Message<Data>[];
    /**
     * How many messages were lost because the page was too busy to take them. Those that `messages` no longer keeps do not count as lost.
     */
    readonly dropped: number;
    /** What the source is doing, in more detail than `status`. */
    readonly state: SourceState;
    /** The source; `null` before it is opened, and after `close()`, `enabled` or the unmounting of the component has closed it. */
    readonly eventSource: EventSource<any> | null;
}

/** The functions that `useEventSource` returns. */
export interface SourceControls {
    /**
     * Opens a new source, which replaces the present one and starts without data or messages. It does so even if `enabled` is `false`. Does
     * nothing without a URL, or while the component is not mounted.
     *
     * @throws what the constructor of `EventSource` throws.
     */
    readonly open: () => void;
    /** Closes the source. The messages that it has received are kept. */
    readonly close: () => void;
}

/** The options of `useEventSource` that do not depend on the framework. */
export interface CommonOptions {
    /**
     * The type of event to read, or a list of types; `{ all: true }` for every type, which needs the transport `fetch`. Default:
     * `"message"`. Takes effect when a source is opened.
     */
    types?: string | (Iterable<string> & object) | { readonly all: true } | undefined;
    /** How many of the newest messages `messages` keeps; an integer of at least 0. Default: 100. */
    limit?: number | undefined;
}

/** The options of `useEventSource`, and those of the source, which take effect when a source is opened. */
export type OptionsWith<Own, Data = unknown> = EventSourceOptions<Data> & CommonOptions & Own;
