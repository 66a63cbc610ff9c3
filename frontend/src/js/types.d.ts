/** Why a source lost its connection, or gave up. `message` says what to do about it. */
export interface SourceError extends Error {
    readonly name:
        /** The connection was lost or could not be made; another attempt follows, unless this is the end. */
        | "DisconnectedError"
        /** The browser gave up, and tells nobody why. */
        | "ConnectionFailedError"
        /** The server wants no more connections: it answered 204. The browser's own object tells that only by `probe`. */
        | "StoppedError"
        /** The server answered with a `status` that has no stream. The browser's own object tells that only by `probe`. */
        | "StatusError"
        /** The server answered with another type than `text/event-stream` (transport `fetch`). */
        | "ContentTypeError"
        /** The server can be reached, but the browser may not show its answer to this page (transport `fetch`). */
        | "CorsError"
        /** A message was longer than `maxMessageSize` (transport `fetch`). */
        | "TooLargeError"
        /** A function given as `headers` threw, or gave what can't be headers. */
        | "HeadersProviderError"
        /** An attempt took longer than `openTimeout`. */
        | "OpenTimeoutError"
        /** Nothing came for longer than `idleTimeout`. */
        | "IdleTimeoutError"
        /** `urlProvider` threw, or gave what is no URL. */
        | "UrlProviderError"
        /** This environment can't do what was asked. */
        | "UnsupportedError";
    /** The HTTP status, of a `StatusError`. */
    readonly status?: number;
    /** The answer's headers by their lower-case names, of a `StatusError`; empty where `probe` found it. */
    readonly headers?: Readonly<Record<string, string>>;
    /** The beginning of the answer's body, at most 1 KiB, of a `StatusError`; `""` where `probe` found it. */
    readonly body?: string;
    /** How many milliseconds the server wants to be left alone (`Retry-After`), of a `StatusError`. */
    readonly retryAfter?: number | null;
}

/** What a source is doing. */
export type SourceState =
    /** An attempt to connect is under way; 1 is the first since the source was opened or was last open. */
    | { readonly name: "connecting"; readonly attempt: number }
    /** The server answered with an event stream. */
    | { readonly name: "open" }
    /** The connection broke; `attempt` follows in `delay` milliseconds, or when the browser decides (`null`). */
    | { readonly name: "waiting"; readonly attempt: number; readonly delay: number | null; readonly cause: SourceError }
    /** No connection is wanted for now. */
    | { readonly name: "paused"; readonly reason: "hidden" | "offline" | "cached" }
    /**
     * It is over: `"close"`: `close()` was called; `"abort"`: the `signal` was aborted; `"complete"`: the response has been
     * read to its end, and its request is one that is not made again (a POST, for instance).
     */
    | { readonly name: "closed"; readonly reason: "close" | "abort" | "complete"; readonly cause: null }
    /** It is over: the source gave up, and `cause` says why. */
    | { readonly name: "closed"; readonly reason: "failure"; readonly cause: SourceError };

/** What a source has counted since it was opened. Messages are those of types that someone listens to. */
export interface SourceStats {
    /** Messages that arrived. */
    readonly messages: number;
    /**
     * The length of their data in UTF-16 code units: of what listeners and iterators have read, where options were given,
     * else of all. With the transport `fetch`, of all messages' data in bytes.
     */
    readonly bytes: number;
    /** Messages lost because the reader of an iterator was too slow. Lines that a list no longer keeps are not lost. */
    readonly dropped: number;
    /** Messages left out because they had come before (`suppressDuplicates`). */
    readonly duplicates: number;
    /** How often the connection was made again. */
    readonly reconnects: number;
    /** How many milliseconds ago the newest message arrived; `null` before the first. */
    readonly lastMessageAge: number | null;
    /** How many milliseconds ago the server was last heard; `null` before the first time. */
    readonly lastActivityAge: number | null;
}

/**
 * Exponential backoff with full jitter: the n-th wait is anything from 0 to `minDelay` · 2ⁿ⁻¹, at most `maxDelay`; and
 * besides what the server asks for by `retry:` or `Retry-After`, where the transport shows it.
 */
export interface Backoff {
    /** Milliseconds; the upper end of the first wait. Default: 1000. */
    minDelay?: number;
    /** Milliseconds; the upper end of every wait. Default: 30000. */
    maxDelay?: number;
    /** How many attempts in a row may fail before the source gives up. Default: any number. */
    maxAttempts?: number;
    /** Milliseconds for which a connection has to hold until its failures are forgotten. Default: 60000. */
    stablePeriod?: number;
}

/** What a function given as `reconnect` may consider. */
export interface RetryContext {
    /** What went wrong. */
    readonly cause: SourceError;
    /** How often it has gone wrong since the connection was last stable; at least 1. */
    readonly failureStreak: number;
    /** How many milliseconds the connection had been open; `null` when this attempt never opened. */
    readonly connectedFor: number | null;
    /** The server's reconnection time in milliseconds, where the transport shows it; the native one does not. */
    readonly serverRetry: number | null;
    /** How many milliseconds the server asks clients to wait (`Retry-After`), where the transport shows it. */
    readonly retryAfter: number | null;
    /** A random number from 0 up to but not including 1. */
    readonly random: number;
}

/** With no member, or the platform's own one only, a source behaves as the platform's. All times are milliseconds. */
export type EventSourceOptions = NativeOptions | FetchOptions;

/** Options of a source over the browser's own `EventSource`. */
export interface NativeOptions extends SourceOptions {
    transport?: "native";
}

/** Options of a source over `fetch`: for headers, methods, bodies, status codes, and a server that waits for a slow reader. */
export interface FetchOptions extends SourceOptions {
    transport: "fetch";
    /** Default: `"GET"`. Another one is never sent twice unless `resend` says that it may be. */
    method?: string;
    /**
     * The request's headers; or a function that is asked for them before every attempt, and once more, with `rejected`,
     * when the server has answered 401.
     */
    headers?: HeadersInit | ((context: HeadersContext) => HeadersInit | PromiseLike<HeadersInit>);
    /** Anything that can be sent again: no `ReadableStream`. */
    body?: Exclude<BodyInit, ReadableStream> | null;
    /** Default: as `withCredentials` says. */
    credentials?: RequestCredentials;
    /** Default: `"cors"`. */
    mode?: "cors" | "same-origin";
    /** Default: `"no-store"`. */
    cache?: RequestCache;
    /** Default: `"follow"`. */
    redirect?: "follow" | "error";
    /** Default: the page's. */
    referrerPolicy?: ReferrerPolicy;
    /** Whether the request may be made a second time. Default: only `GET` and `HEAD`. */
    resend?: boolean;
    /** The most bytes that a message may have. Default: 16 MiB. */
    maxMessageSize?: number;
}

/** What a function given as `headers` may consider. */
export interface HeadersContext {
    /** Whether the server has just answered 401 to what it gave before. */
    readonly rejected: boolean;
}

/** What the transports have in common. */
export interface SourceOptions {
    /** Send cookies to another origin too. Default: false. */
    withCredentials?: boolean;
    /** Closes the source when it is aborted. If it is aborted already, no connection is made. */
    signal?: AbortSignal;
    /**
     * Connect again where the browser gives up. `true` takes the defaults of {@link Backoff}; a function gives the next
     * wait, or `null` to give up. Default: false.
     */
    reconnect?: boolean | Backoff | ((context: RetryContext) => number | null | undefined);
    /** Asked for the address of every attempt, for one that is good only once or for a short time. */
    urlProvider?: () => string | URL | PromiseLike<string | URL>;
    /** The id to go on after, from an earlier visit. */
    lastEventId?: string;
    /**
     * The query parameter for the last event ID on new connections; `null` for none. Default: `"lastEventId"`; with the
     * transport `fetch` the header `Last-Event-ID`, unless a parameter is named here.
     */
    lastEventIdParam?: string | null;
    /**
     * Whether a reload of the page goes on where the page was: after the messages that all readers have taken. Default:
     * false.
     *
     * `true` recognises a stream by its URL without the values of parameters such as `token` and `ticket`, which change. A
     * string is a key to recognise it by, for URLs that change from visit to visit.
     */
    resumeAfterReload?: boolean | string;
    /** Remember so many ids, and do not deliver again what the server repeats after a reconnect. */
    suppressDuplicates?: number;
    /** The type of event with which the server says that it can't go on; `null` for none. Default: `"gap"`. */
    gapEvent?: string | null;
    /** How long it may take until the connection is open. */
    openTimeout?: number;
    /** How long an open connection may be silent. Needs `heartbeatEvent`, but for the transport `fetch`: that sees all bytes. */
    idleTimeout?: number;
    /** The type of event that the server sends to show that it is there. */
    heartbeatEvent?: string;
    /** Let the connection go when the page has been hidden for so long; make a new one when it is shown. */
    pauseWhenHidden?: number;
    /** When the browser has given up, ask for the URL once more to learn the status. Default: false. */
    probe?: boolean;
}

export interface MessagesOptions {
    /** How many messages may wait for their reader; a whole number from 1. Default: 1024. */
    capacity?: number;
    /**
     * What happens when more arrive. `"drop-oldest"`: the oldest is dropped, and counted. `"wait"`, the default of the
     * transport `fetch` and only possible there: the stream is read no further, by anyone, until there is room. A reader that takes
     * nothing for 5 s while others wait is warned of on the console, and drops its oldest until it reads again.
     */
    overflow?: "drop-oldest" | "wait";
    /**
     * Give arrays: what waits, at least one message and at most so many. `"frame"` gives all that waits, once for each animation
     * frame; none while the page is hidden, and as soon as something waits where there are no frames (in a shared worker). What
     * comes between two frames and is more than `capacity` overflows, although the reader waits.
     */
    batch?: number | "frame";
}

/**
 * Messages in order, from {@link EventSource.messages}. A lost connection does not end it. When the source gives up for
 * good, `next()` rejects once with a {@link SourceError}; after `close()`, it just ends.
 */
export interface Messages<Item> extends AsyncIterableIterator<Item, undefined, void> {
    /** How many messages this iterator has lost because its reader was too slow. */
    readonly dropped: number;
    return(): Promise<IteratorReturnResult<undefined>>;
    [Symbol.asyncIterator](): this;
}

/**
 * A message as iterators give it. A `MessageEvent` has these members too, and is given where one was dispatched; where only
 * iterators take the messages of a type, none is made (with options, over either transport).
 */
export interface Message<Data = string> {
    readonly type: string;
    readonly data: Data;
    readonly lastEventId: string;
    readonly origin: string;
}

/** The message of a type: what the map of types says of its members, or any. */
export type MessageOf<Events, Type> = Type extends keyof Events ? Pick<Events[Type], keyof Message & keyof Events[Type]> : Message;

/** The event of a type. */
export type EventOf<Events, Type> = Type extends keyof Events ? Events[Type]
    : Type extends keyof StandardEvents ? StandardEvents[Type]
    : MessageEvent<string>;

/** The events that every source has. */
export interface StandardEvents {
    open: Event;
    message: MessageEvent<string>;
    error: Event;
    /** The state has changed; `detail` is the new one. */
    statechange: CustomEvent<SourceState>;
}

type PlatformSource = InstanceType<typeof globalThis.EventSource>;

/**
 * Takes the place of the platform's `EventSource`. Without options, but for `withCredentials` and `signal`, a source is the
 * browser's own object, and nothing more runs for a message than the listeners that are added. Other options need the
 * WebAssembly. The npm package loads it when it is first needed, and the source is `connecting` meanwhile; with what
 * wasm-pack builds, `await init()` first.
 *
 * `Events` maps the types of the server's events to the events that listeners get, as the event maps of TypeScript's own
 * `lib.dom.d.ts` do: `new EventSource<{ tick: MessageEvent<string> }>("/events")`. An event's `data` is always a string.
 *
 * An open source lives until it is closed or gives up, whether or not anyone holds it; a closed one that nobody holds is
 * collected. There is no memory to manage.
 */
export class EventSource<Events extends { [Type in keyof Events]: Event } = {}> extends EventTarget {
    static readonly CONNECTING: 0;
    static readonly OPEN: 1;
    static readonly CLOSED: 2;

    /**
     * Opens a source. The connection is made in the background.
     *
     * @throws {DOMException} `SyntaxError` when `url` is no URL.
     * @throws {TypeError} when an option has a wrong type or value, or needs another one.
     * @throws {Error} when an option needs the WebAssembly, which is not loaded, and nothing loads it by itself.
     */
    constructor(url: string | URL, options?: EventSourceOptions);

    readonly CONNECTING: 0;
    readonly OPEN: 1;
    readonly CLOSED: 2;

    /** The absolute URL of the stream, as it was given. */
    readonly url: string;
    readonly withCredentials: boolean;
    /** 0 connecting (or waiting, or paused), 1 open, 2 closed. */
    readonly readyState: 0 | 1 | 2;
    onopen: ((this: PlatformSource, event: Event) => any) | null;
    onmessage: ((this: PlatformSource, event: MessageEvent<any>) => any) | null;
    onerror: ((this: PlatformSource, event: Event) => any) | null;

    /** What the source is doing; more than `readyState` tells. */
    readonly state: SourceState;
    /** What the source has counted; without options, of messages since this, or `lastEventId`, was first asked for. */
    readonly stats: SourceStats;
    /**
     * The last event ID of the newest message that all iterators and lists have taken; `""` when there is none. While
     * messages wait for a reader, it is that of the last one before them. Without such readers it is that of the newest
     * message that has arrived. Without options it counts from when it, `stats` or `statechange` is first asked for.
     */
    readonly lastEventId: string;

    addEventListener<Type extends (keyof Events & string) | keyof StandardEvents>(
        type: Type,
        listener: ((this: PlatformSource, event: EventOf<Events, Type>) => any) | { handleEvent(event: EventOf<Events, Type>): any } | null,
        options?: boolean | AddEventListenerOptions,
    ): void;
    addEventListener(type: string, listener: (this: PlatformSource, event: MessageEvent) => any, options?: boolean | AddEventListenerOptions): void;
    addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
    removeEventListener<Type extends (keyof Events & string) | keyof StandardEvents>(
        type: Type,
        listener: ((this: PlatformSource, event: EventOf<Events, Type>) => any) | { handleEvent(event: EventOf<Events, Type>): any } | null,
        options?: boolean | EventListenerOptions,
    ): void;
    removeEventListener(type: string, listener: (this: PlatformSource, event: MessageEvent) => any, options?: boolean | EventListenerOptions): void;
    removeEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;

    /**
     * The messages of one type, or of several in order of arrival, from now on; of `"message"` unless it is said.
     *
     * `return()`, or leaving `for await`, ends the iterator and leaves the source open.
     *
     * With options, no event is dispatched for a type that only iterators take: `addEventListener` and `onmessage` of the source ask for
     * events, `EventTarget.prototype.addEventListener.call(source, …)` does not.
     *
     * @throws {TypeError} when an argument has a wrong type or value.
     */
    messages<Type extends string = "message">(type?: Type, options?: MessagesOptions & { batch?: undefined }): Messages<MessageOf<Events, Type>>;
    messages<Type extends string>(types: Iterable<Type> & object, options?: MessagesOptions & { batch?: undefined }): Messages<MessageOf<Events, Type>>;
    messages<Type extends string>(type: Type, options: MessagesOptions & { batch: number | "frame" }): Messages<MessageOf<Events, Type>[]>;
    messages<Type extends string>(types: Iterable<Type> & object, options: MessagesOptions & { batch: number | "frame" }): Messages<MessageOf<Events, Type>[]>;

    /** The messages without a type, as `messages()` gives them; but leaving `for await` closes the source. */
    [Symbol.asyncIterator](): Messages<MessageOf<Events, "message">>;

    /**
     * Makes a new connection now, which replaces the present one or ends a wait or pause. Does nothing after the end, nor
     * for a request that is not made again (a POST, for instance). Without options it needs the WebAssembly, and
     * `lastEventId` must have been asked for before, or the stream begins anew. The new state's `statechange` is dispatched inside this call.
     */
    reconnect(): void;

    /**
     * Closes the connection for good. No further event but `statechange`, which is dispatched inside this call (or, if a
     * listener of `open`, `error` or `statechange` has made it, after that event); iterators give what had arrived, then
     * end.
     */
    close(): void;
    /** As `close()`: for `using`. */
    [Symbol.dispose](): void;
}

/** How a list shows messages. */
export interface ListOptions {
    /** The types of event to show. Default: `["message"]`. */
    types?: Iterable<string> & object;
    /** What stands before each message's data. Default: `"message: "`. */
    prefix?: string;
    /** How many lines are kept, the newest; a whole number from 1. Default: 1000. */
    maxLines?: number;
    /** Called with the state of now, then with each new one, until the list is closed. */
    onStateChange?: (state: SourceState) => void;
}

/** The list's options, and those of the source that it opens. */
export type ListMessagesOptions = ListOptions & EventSourceOptions;

/**
 * Shows messages as `<li>` in `list`: text only, one update per animation frame, the newest lines only, scrolled to the
 * end if the reader is there.
 *
 * Given a URL it opens a source of its own, which `close()` closes. Given a source it shows what arrives from now on, and
 * `close()` leaves the source as it is.
 *
 * The list goes on until it or its source is closed, whether or not the returned object is kept.
 *
 * @throws {DOMException} `SyntaxError` when the URL is none; `InvalidStateError` when the source is closed.
 * @throws {TypeError} when an argument has a wrong type or value.
 */
export function listMessages(list: Element, source: EventSource<any>, options?: ListOptions): MessageList;
export function listMessages(list: Element, url: string | URL, options?: ListMessagesOptions): MessageList;

/** A list that shows messages, from {@link listMessages}. */
export class MessageList {
    private constructor();
    /** The source whose messages are shown. */
    readonly source: EventSource<any>;
    /** What the source is doing. */
    readonly state: SourceState;
    /** What the source has counted. */
    readonly stats: SourceStats;
    /** The absolute URL of the stream. */
    readonly url: string;
    /** The source's {@link EventSource.lastEventId}. */
    readonly lastEventId: string;
    /** Whether the list is paused. */
    readonly paused: boolean;
    /** Changes no line until `resume()`, or until the list or its source is closed. The connection stays; the newest lines wait. */
    pause(): void;
    /** Goes on after `pause()`. */
    resume(): void;
    /** Removes all lines, and those that wait. */
    clear(): void;
    /** Shows nothing more that arrives. What has arrived is still shown, also after `pause()`. The lines remain. */
    close(): void;
    /** As `close()`: for `using`. */
    [Symbol.dispose](): void;
}
