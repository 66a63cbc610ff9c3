import type { EventSource, EventSourceOptions, Message, SourceError, SourceState } from "./index.js";

/** What `useEventSource` knows of its source. */
export interface SourceSnapshot<Data = string> {
    /** The data of the last message; `null` before the first, and where `decode` has thrown, which is reported. */
    readonly data: Data | null;
    /** The type of the last message; `null` before the first. */
    readonly event: string | null;
    /** The last event ID as of the last message; `null` before the first. */
    readonly lastEventId: string | null;
    /** `"CONNECTING"` also while it waits for the next attempt or is paused; see `state`. */
    readonly status: "CONNECTING" | "OPEN" | "CLOSED";
    /** Why the connection was lost, until it is open again; or why the source has given up. `null` when all is well. */
    readonly error: SourceError | null;
    /** The last message; `null` before the first. */
    readonly message: Message<Data> | null;
    /** The last messages, as many as `limit` says, oldest first. A new array whenever there is a new message. */
    readonly messages: readonly Message<Data>[];
    /** How many messages were lost because the page was too busy to take them. Those that `messages` no longer keeps are not lost. */
    readonly dropped: number;
    /** What the source is doing; more than `status` tells. */
    readonly state: SourceState;
    /** The source, until it is closed by hand, by `enabled`, or because the component was unmounted; `null` before it is opened. */
    readonly eventSource: EventSource<any> | null;
}

/** What `useEventSource` lets a component do. */
export interface SourceControls {
    /**
     * Opens a new source, in place of one that is there; what was shown of that is gone. Also where `enabled` is `false`. Does nothing
     * without a URL, or while the component is not mounted.
     *
     * @throws what the constructor of `EventSource` throws.
     */
    readonly open: () => void;
    /** Closes the source. What it has received is still shown. */
    readonly close: () => void;
}

/** The options of `useEventSource` that do not depend on the framework. */
export interface CommonOptions {
    /**
     * The type of event to show, or a list of them; `{ all: true }` for every type, which takes the transport `fetch`. Default:
     * `"message"`. Takes effect when a source is opened.
     */
    types?: string | (Iterable<string> & object) | { readonly all: true } | undefined;
    /** How many messages are kept in `messages`, the newest; a whole number from 0, for none. Default: 100. */
    limit?: number | undefined;
}

/** The options of `useEventSource`, and those of the source, which take effect when one is opened. */
export type OptionsWith<Own, Data = unknown> = EventSourceOptions<Data> & CommonOptions & Own;
