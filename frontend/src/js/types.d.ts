/** What a source is doing. */
export type SourceState =
    /** An attempt to connect is under way; 1 is the first since the source was opened or was last open. */
    | { readonly name: "connecting"; readonly attempt: number }
    /** The server answered with an event stream. */
    | { readonly name: "open" }
    /** The connection broke; `attempt` follows in `delay` milliseconds, or when the browser decides (`null`). */
    | { readonly name: "waiting"; readonly attempt: number; readonly delay: number | null; readonly cause: string }
    /** No connection is wanted for now. */
    | { readonly name: "paused"; readonly reason: "hidden" | "offline" | "cached" }
    /** It is over: `cause` says why the source gave up, `null` after `close()`. */
    | { readonly name: "closed"; readonly cause: string | null };

/** What a source has counted since it was opened. */
export interface SourceStats {
    /** Messages that arrived. */
    readonly messages: number;
    /** Messages lost because their reader was too slow. Lines that a list no longer keeps are not lost. */
    readonly dropped: number;
    /** How often the connection was made again. */
    readonly reconnects: number;
    /** How many milliseconds ago the newest message arrived; `null` before the first. */
    readonly lastMessageAge: number | null;
}

export interface ListMessagesOptions {
    /** Send cookies to another origin too, as the platform's `EventSourceInit` has it. Default: false. */
    withCredentials?: boolean;
    /** The types of event to show. Default: `["message"]`. */
    types?: Iterable<string> & object;
    /** What stands before each message's data. Default: `"message: "`. */
    prefix?: string;
    /** How many lines are kept, the newest; a whole number from 1. Default: 1000. */
    maxLines?: number;
    /** Called with the state of now, then with each new one. */
    onStateChange?: (state: SourceState) => void;
}

/**
 * Opens a source and shows its messages as `<li>` in `list`: text only, one update per animation frame, the newest
 * lines only, scrolled to the end if the reader is there.
 *
 * The list goes on until `close()`, whether or not the returned object is kept.
 *
 * @throws {DOMException} `SyntaxError` when `url` is no URL.
 * @throws {TypeError} when an argument has a wrong type or value.
 */
export function listMessages(list: Element, url: string | URL, options?: ListMessagesOptions): MessageList;

/** A list that shows messages, from {@link listMessages}. */
export class MessageList {
    private constructor();
    /** What the source is doing. */
    readonly state: SourceState;
    /** What the source has counted. */
    readonly stats: SourceStats;
    /** The absolute URL of the stream. */
    readonly url: string;
    /** The last event ID of the newest message shown or waiting; `""` when there is none. */
    readonly lastEventId: string;
    /** Whether the list is paused. */
    readonly paused: boolean;
    /** Changes no line until `resume()`. The connection stays; the newest lines wait. */
    pause(): void;
    /** Goes on after `pause()`. */
    resume(): void;
    /** Removes all lines, and those that wait. */
    clear(): void;
    /** Closes the connection. The lines remain. */
    close(): void;
    /** Releases this handle early. Never needed: the engine does it when nobody holds it. */
    free(): void;
    [Symbol.dispose](): void;
}
