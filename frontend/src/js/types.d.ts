/** The members that every {@link SourceError} has. `message` says what went wrong and what to do about it. */
export interface SourceErrorBase<Name extends string> extends Error {
    readonly name: Name;
    readonly status?: undefined;
    readonly headers?: undefined;
    readonly body?: undefined;
    readonly bodyTruncated?: undefined;
    readonly retryAfter?: undefined;
}

/** A server's response that is not an event stream. */
export interface Answered {
    /** The HTTP status. */
    readonly status: number;
    /** The response headers, by their lower-case names; empty if `probe` got the response. */
    readonly headers: Readonly<Record<string, string>>;
    /** The response body, or as much of it as arrived within half a second, at most 16 KiB; `""` if `probe` got the response. */
    readonly body: string;
    /** Whether `body` is incomplete, or may be. */
    readonly bodyTruncated: boolean;
}

type AnsweredError<Name extends string> = Omit<SourceErrorBase<Name>, keyof Answered> & Answered;

/** The connection was lost or could not be made; another attempt follows, unless this is the end. */
export interface DisconnectedError extends SourceErrorBase<"DisconnectedError"> {}
/** The browser gave up. It does not expose the reason. */
export interface ConnectionFailedError extends SourceErrorBase<"ConnectionFailedError"> {}
/** The server answered 204: it wants no more connections. With the native transport, this is known only with `probe`. */
export interface StoppedError extends Omit<SourceErrorBase<"StoppedError">, "status"> {
    readonly status: 204;
}
/** The server answered with a `status` other than 200. With the native transport, this is known only with `probe`. */
export interface StatusError extends Omit<AnsweredError<"StatusError">, "retryAfter"> {
    /** How many milliseconds the server asks clients to wait before they retry (`Retry-After`); `null` if it does not say. */
    readonly retryAfter: number | null;
}
/** The server answered 200, but with a content type other than `text/event-stream` (transport `fetch`). */
export interface ContentTypeError extends AnsweredError<"ContentTypeError"> {}
/** The server can be reached, but CORS does not allow this page to read its response (transport `fetch`). */
export interface CorsError extends SourceErrorBase<"CorsError"> {}
/** A message was longer than `maxMessageSize` (transport `fetch`). */
export interface TooLargeError extends SourceErrorBase<"TooLargeError"> {}
/** The function given as `headers` threw, or returned something that can't be used as headers. */
export interface HeadersProviderError extends SourceErrorBase<"HeadersProviderError"> {}
/** The function given as `fetch` threw something other than a `TypeError`, which means a network error. */
export interface FetchError extends SourceErrorBase<"FetchError"> {}
/** The response broke off, and `resume` threw or returned no request to resume it with. */
export interface ResumeError extends SourceErrorBase<"ResumeError"> {}
/** An attempt took longer than `openTimeout`. */
export interface OpenTimeoutError extends SourceErrorBase<"OpenTimeoutError"> {}
/** Nothing arrived for longer than `idleTimeout`. */
export interface IdleTimeoutError extends SourceErrorBase<"IdleTimeoutError"> {}
/** `urlProvider` threw, or returned something that is not a URL. */
export interface UrlProviderError extends SourceErrorBase<"UrlProviderError"> {}
/** This environment can't do what was asked. */
export interface UnsupportedError extends SourceErrorBase<"UnsupportedError"> {}

/**
 * Why a source lost its connection or gave up. `name` says which error it is. Errors can be posted to another thread: `structuredClone()`
 * keeps every member.
 */
export type SourceError =
    | DisconnectedError
    | ConnectionFailedError
    | StoppedError
    | StatusError
    | ContentTypeError
    | CorsError
    | TooLargeError
    | HeadersProviderError
    | FetchError
    | ResumeError
    | OpenTimeoutError
    | IdleTimeoutError
    | UrlProviderError
    | UnsupportedError;

/**
 * The role of a source with the option `share`: the `"leader"` has the connection, a `"follower"` gets the messages that the leader posts,
 * and an `"unsupported"` source has a connection of its own, because Web Locks or `BroadcastChannel` are not available here.
 */
export type SharedRole = "leader" | "follower" | "unsupported";

/** What a source is doing. With the option `share`, this is what the leader is doing, and `shared` is the role of this source. */
export type SourceState =
    /** The source is trying to connect. `attempt` is 1 for the first attempt since the source was created or was last open. */
    | { readonly name: "connecting"; readonly attempt: number; readonly shared?: SharedRole }
    /** The server answered with an event stream. */
    | { readonly name: "open"; readonly shared?: SharedRole }
    /** The connection was lost. Attempt number `attempt` follows in `delay` milliseconds, or when the browser decides (`null`). */
    | { readonly name: "waiting"; readonly attempt: number; readonly delay: number | null; readonly cause: SourceError; readonly shared?: SharedRole }
    /** No connection is wanted for now. */
    | { readonly name: "paused"; readonly reason: "hidden" | "offline" | "cached"; readonly shared?: SharedRole }
    /**
     * The source has ended. `"close"`: `close()` was called. `"complete"`: the stream has marked its end (`endEvent`, `endData`), or the
     * response has been read to its end and its request is not repeated (a `POST`, for instance).
     */
    | { readonly name: "closed"; readonly reason: "close" | "complete"; readonly cause: null; readonly shared?: SharedRole }
    /** The source has ended because the `signal` was aborted; `cause` is its `reason`. */
    | { readonly name: "closed"; readonly reason: "abort"; readonly cause: unknown; readonly shared?: SharedRole }
    /** The source has given up; `cause` says why. */
    | { readonly name: "closed"; readonly reason: "failure"; readonly cause: SourceError; readonly shared?: SharedRole };

/** What a source has counted since it was opened. Only messages of types that have a listener or reader count. */
export interface SourceStats {
    /** Messages that arrived. */
    readonly messages: number;
    /**
     * The length of their data. With the transport `fetch`, this is the number of bytes of all messages' data. Otherwise it is in UTF-16
     * code units, and with options only data that listeners and iterators have read counts.
     */
    readonly bytes: number;
    /**
     * Messages lost because the reader of an iterator was too slow, or because this source had lost contact with the others that share its
     * connection. Lines that a list no longer keeps do not count as lost.
     */
    readonly dropped: number;
    /** Messages not delivered because they had arrived before (`suppressDuplicates`). */
    readonly duplicates: number;
    /** How many times the source has reconnected. */
    readonly reconnects: number;
    /** How many milliseconds ago the newest message arrived; `null` before the first. */
    readonly lastMessageAge: number | null;
    /** How many milliseconds ago the last sign of life from the server was seen; `null` before the first. */
    readonly lastActivityAge: number | null;
}

/**
 * Exponential backoff with full jitter: the n-th wait is a random time from 0 to `minDelay` · 2ⁿ⁻¹, at most `maxDelay`. What the server
 * asks for with `retry:` or `Retry-After` is added; the native transport does not show either.
 */
export interface Backoff {
    /** The upper limit of the first wait, in milliseconds. Default: 1000. */
    minDelay?: number | undefined;
    /** The upper limit of every wait, in milliseconds. Default: 30000. */
    maxDelay?: number | undefined;
    /** How many attempts in a row may fail before the source gives up. Default: any number. */
    maxAttempts?: number | undefined;
    /** How long a connection has to stay open until earlier failures are forgotten, in milliseconds. Default: 60000. */
    stablePeriod?: number | undefined;
}

/** The argument of a function given as `reconnect`. */
export interface RetryContext {
    /** What went wrong. */
    readonly cause: SourceError;
    /** The number of failures since the connection was last stable; at least 1. */
    readonly failureStreak: number;
    /** How many milliseconds the connection was open; `null` if it never opened. */
    readonly connectedFor: number | null;
    /** The reconnection time that the server has set with `retry:`, in milliseconds; the native transport does not show it. */
    readonly serverRetry: number | null;
    /** How many milliseconds the server asks clients to wait (`Retry-After`); the native transport does not show it. */
    readonly retryAfter: number | null;
    /** A random number from 0 up to but not including 1. */
    readonly random: number;
}

/** The options of a source. Without any, or with `withCredentials` only, it behaves as the platform's. All times are in milliseconds. */
export type EventSourceOptions<Data = unknown> = NativeOptions<Data> | FetchOptions<Data>;

/** Options of a source over the browser's own `EventSource`. */
export interface NativeOptions<Data = unknown> extends SourceOptions<Data> {
    transport?: "native" | undefined;
}

/**
 * Options of a source over `fetch`, which offers request headers, methods, bodies, status codes and backpressure.
 *
 * The response body is not read until messages have a reader: a listener added by the source's own `addEventListener()` or `onmessage` (for
 * a type other than `open`, `error` and `statechange`), `onAny()`, an iterator or a list. A reader that is added late therefore misses
 * nothing; but until there is one, the source notices neither the end of the response nor a lost connection. `open` is dispatched without
 * waiting for a reader.
 */
export interface FetchOptions<Data = unknown> extends SourceOptions<Data> {
    transport: "fetch";
    /** Default: `"GET"`. Requests with other methods are not repeated if the server may have acted on them: see `resend`. */
    method?: string | undefined;
    /**
     * The request's headers; or a function that returns them. It is called before every attempt, and once more, with `rejected`, when the
     * server has answered 401.
     */
    headers?: HeadersInit | ((context: HeadersContext) => HeadersInit | PromiseLike<HeadersInit>) | undefined;
    /** Any body that `fetch` takes, except a `ReadableStream`, which can't be sent again. */
    body?: Exclude<BodyInit, ReadableStream> | null | undefined;
    /** Default: as `withCredentials` says. */
    credentials?: RequestCredentials | undefined;
    /** Default: `"cors"`. */
    mode?: "cors" | "same-origin" | undefined;
    /** Default: `"no-store"`. */
    cache?: RequestCache | undefined;
    /** Default: `"follow"`. */
    redirect?: "follow" | "error" | undefined;
    /** Default: the page's. */
    referrerPolicy?: ReferrerPolicy | undefined;
    /**
     * Whether the request may be repeated.
     *
     * - `"before-open"`, the default for methods other than `GET` and `HEAD` if `reconnect` is set: only while the server says that it has
     *   not acted on the request (408, 425, 429, 503 or 529), or does not respond at all. It is not repeated once a response has begun,
     *   after another status, or after `openTimeout`, because the server may have acted on it.
     * - `true`: after every failure, also when a response has broken off. When a response has been read to its end, the source is complete;
     *   only a `GET` or `HEAD` is repeated then.
     * - `false`: never.
     *
     * `reconnect` says when the request is repeated, and how often. Without it, only lost connections are, as the HTML Standard requires.
     * By default, `GET` and `HEAD` follow the Standard: a stream that ends is requested again.
     */
    resend?: boolean | "before-open" | undefined;
    /**
     * Uses another request to continue a response that has broken off. The function returns that request's URL, or an object that describes
     * it (by default a `GET` of the source's URL), or `null` if nothing can be resumed. The source's headers, except `Content-…`, and the
     * last event ID are sent with it. If the server answers 204, there is nothing more to read, and the source is complete.
     *
     * It is called before every attempt after the first response, and before the first attempt too if the response has begun earlier: if
     * there is a `lastEventId`, if `resumeAfterReload` has found one, or when the source is reopened. A response that is read to its end is
     * complete; with `endEvent` or `endData`, only if it has contained that mark.
     */
    resume?: ((context: ResumeContext) => ResumeRequest | null | undefined | PromiseLike<ResumeRequest | null | undefined>) | undefined;
    /**
     * Called instead of the global `fetch`, with the URL and a plain object, for interceptors and tests. It should pass the `signal` on. If
     * it rejects with a `TypeError`, the connection counts as lost; anything else is a `FetchError`.
     */
    fetch?: ((url: string, init: FetchInit) => Response | PromiseLike<Response>) | undefined;
    /** The maximum size of a message, in bytes. Default: 16 MiB. */
    maxMessageSize?: number | undefined;
}

/** The response whose body is the stream. */
export interface SourceResponse {
    readonly status: number;
    /** The URL, after redirects. */
    readonly url: string;
    /** The headers that scripts may read; for a cross-origin response, `Access-Control-Expose-Headers` decides which. */
    readonly headers: Headers;
}

/** The argument of `resume`. */
export interface ResumeContext {
    /** The ID of the newest message that has arrived; `""` if no message had an ID. */
    readonly lastEventId: string;
    /** The newest response; `null` if it was received before a reload of the page, by another source, or before `reopen()`. */
    readonly response: SourceResponse | null;
}

/** The request that `resume` returns. */
export type ResumeRequest = string | URL | {
    /** Default: the source's. */
    readonly url?: string | URL | undefined;
    /** Default: `"GET"`. */
    readonly method?: string | undefined;
    /** They replace the source's headers of the same names. */
    readonly headers?: HeadersInit | undefined;
    /** Default: none. */
    readonly body?: Exclude<BodyInit, ReadableStream> | null | undefined;
};

/** The second argument of a function given as `fetch`; the first is the URL. */
export interface FetchInit extends RequestInit {
    method: string;
    /** The headers, by their lower-case names. */
    headers: Record<string, string>;
    signal: AbortSignal;
}

/** The argument of a function given as `urlProvider`. */
export interface UrlContext {
    /** The ID of the message after which the connection is to continue; `""` if there is none. */
    readonly lastEventId: string;
}

/** The argument of a function given as `headers`. */
export interface HeadersContext {
    /** Whether the server has just answered 401 to a request with the headers that the function returned before. */
    readonly rejected: boolean;
}

/** The options that both transports have. */
export interface SourceOptions<Data = unknown> {
    /** Send cookies to another origin too. Default: false. */
    withCredentials?: boolean | undefined;
    /** The base URL for relative URLs. Default: the URL of the page or worker. Elsewhere, as in Node, there is no default. */
    base?: string | URL | undefined;
    /** Closes the source when it is aborted. If it is aborted already, no connection is made. */
    signal?: AbortSignal | undefined;
    /**
     * Reconnect where the browser gives up. `true` uses the defaults of {@link Backoff}; a function returns the next wait, or `null` to
     * give up. Default: false.
     */
    reconnect?: boolean | Backoff | ((context: RetryContext) => number | null | undefined) | undefined;
    /** Returns the URL of each attempt, for URLs that are valid only once or for a short time. */
    urlProvider?: ((context: UrlContext) => string | URL | PromiseLike<string | URL>) | undefined;
    /** The ID of the message after which to continue, from an earlier visit. */
    lastEventId?: string | undefined;
    /**
     * The query parameter for the last event ID on new connections; `null` for none. Default: `"lastEventId"`; with the
     * transport `fetch` the header `Last-Event-ID`, unless a parameter is named here.
     */
    lastEventIdParam?: string | null | undefined;
    /**
     * Whether the stream continues where it was when the page is reloaded: after the messages that all readers have taken. Default: false.
     *
     * `true` recognizes the stream by its URL, ignoring the values of parameters that change, such as `token` and `ticket`. A string is a
     * key to recognize it by, for URLs that change from visit to visit.
     */
    resumeAfterReload?: boolean | string | undefined;
    /**
     * Whether all sources of this stream, in all tabs and workers of the origin, use one connection. `true` recognizes the stream by its
     * URL; a string is a name to recognize it by, for URLs that differ. Transport, credentials, method, body and headers have to be the
     * same too; values that functions return are not compared. Default: false.
     *
     * One source is the leader: it has the connection, and its options apply to it. `state.shared` is the role of a source. When the leader
     * is closed, crashes, hangs for some seconds, or is hidden while others are visible, another source takes over, and continues after the
     * newest message that any of them has. Messages need IDs for this to work without loss.
     *
     * Over `fetch`, a slow reader (`overflow: "wait"`) makes all sources wait, for 5 s at most. Only the leader has a `response`. With the
     * native transport, listeners do not get the browser's own events.
     *
     * A request that may not be repeated can't be shared: a `POST` needs `resend: true`. Where Web Locks are not available, as on pages
     * loaded over HTTP from another machine, the source has a connection of its own.
     */
    share?: boolean | string | undefined;
    /**
     * Returns the position in the stream after a message, for streams that have it in their data. It is used as the message's last event ID
     * everywhere. If the function returns `undefined`, the message's own ID counts, or else the position stays as it was. The data that it
     * gets is always text, even with `decode`.
     *
     * With the native transport, the browser also reconnects by itself, and then sends the ID that the server has set, not this position.
     */
    position?: ((message: Message) => string | number | bigint | null | undefined) | undefined;
    /**
     * The type of event that ends the stream; or a function that returns whether a message is the last one. That message is delivered, then
     * the source closes as `"complete"`. With `endEvent` or `endData`, a response that ends without the mark counts as broken off. The data
     * that the function gets is always text, even with `decode`.
     *
     * With the native transport, a function and `endData` see only messages of types that have a listener or reader.
     */
    endEvent?: string | ((message: Message) => boolean) | undefined;
    /** Data that marks the end of the stream, such as `"[DONE]"`. That message is not delivered. */
    endData?: string | undefined;
    /**
     * Converts the text of each message to the `data` that listeners and iterators get: `JSON.parse`, for instance. It is called when
     * `data` is first read; if it throws, reading `data` throws.
     */
    decode?: ((data: string) => Data) | undefined;
    /**
     * How many message IDs to remember, so that messages that the server repeats after a reconnect are not delivered again. Default: off.
     */
    suppressDuplicates?: number | undefined;
    /**
     * The type of event with which the server says that it can't continue after the last event ID; `null` for none. Default: `"gap"`. A
     * source that shares its connection (`share`) also dispatches such an event, with empty data, when it has missed messages that no other
     * tab has kept.
     */
    gapEvent?: string | null | undefined;
    /** How long it may take to open a connection. Default: no limit. */
    openTimeout?: number | undefined;
    /**
     * How long an open connection may be silent. The native transport needs `heartbeatEvent` for it; `fetch` sees every byte. Default: no
     * limit.
     */
    idleTimeout?: number | undefined;
    /** The type of event that the server sends to show that it is there. */
    heartbeatEvent?: string | undefined;
    /** Close the connection when the page has been hidden for this long, and open a new one when it is visible again. Default: never. */
    pauseWhenHidden?: number | undefined;
    /** When the browser has given up, request the URL once more to learn the status. Default: false. */
    probe?: boolean | undefined;
}

export interface MessagesOptions {
    /** How many messages may be queued for the reader; an integer of at least 1. Default: 1024. */
    capacity?: number | undefined;
    /**
     * What happens when the queue is full. `"drop-oldest"`: the oldest message is dropped and counted. `"wait"`, which is the default of
     * the transport `fetch` and only possible there: the source stops reading the stream, for all readers, until there is room. If a reader
     * takes nothing for 5 s while others wait, there is a warning on the console, and its queue drops the oldest messages until it reads
     * again.
     */
    overflow?: "drop-oldest" | "wait" | undefined;
    /**
     * Yield arrays of the queued messages: at least one, and at most this many. `"frame"` yields all queued messages once per animation
     * frame: none while the page is hidden, and without delay where there are no animation frames (in a shared worker). If more than
     * `capacity` messages arrive between two frames, the queue overflows even if the reader is waiting.
     */
    batch?: number | "frame" | undefined;
}

/**
 * An async iterator of messages in order of arrival, from {@link EventSource.messages}. A lost connection does not end it. When the source
 * gives up, `next()` rejects once with a {@link SourceError}; after `close()`, the iterator just ends.
 */
export interface Messages<Item> extends SourceIterator<Item> {
    /**
     * The data of these messages, parsed as JSON; arrays of it with `batch`. If data is not valid JSON, `next()` rejects with a
     * `SyntaxError`, and the iterator ends. If the stream ends with a mark that is not JSON, such as `[DONE]`, set the option `endData` of
     * the source.
     *
     * @typeParam Value - The type of the data; it is not checked.
     */
    json<Value = unknown>(): SourceIterator<Item extends readonly unknown[] ? Value[] : Value>;
}

/** An async iterator over a source's messages, or their data. */
export interface SourceIterator<Item> extends AsyncDisposable {
    /** How many messages were dropped because the reader was too slow. */
    readonly dropped: number;
    next(): Promise<IteratorResult<Item, undefined>>;
    /** Ends the iterator. */
    return(): Promise<IteratorReturnResult<undefined>>;
    [Symbol.asyncIterator](): this;
}

// TypeScript before 5.2 does not know them.
declare global {
    interface SymbolConstructor {
        readonly dispose: unique symbol;
        readonly asyncDispose: unique symbol;
    }
    interface Disposable {
        [Symbol.dispose](): void;
    }
    interface AsyncDisposable {
        [Symbol.asyncDispose](): PromiseLike<void>;
    }
}

/**
 * A message, as iterators yield it. If an event was dispatched for the message, iterators yield that `MessageEvent`, which has the same
 * members. With options, no event is created for types that only iterators take.
 */
export interface Message<Data = string> {
    readonly type: string;
    readonly data: Data;
    readonly lastEventId: string;
    readonly origin: string;
}

/** Maps the types of a server's events to the events that listeners get. Their data is text, unless the option `decode` is set. */
export type EventMap<Events> = { [Type in keyof Events]: MessageEvent };

/** The data of events that are not in the map: text if the data of those in the map is text. */
export type DataOf<Events> = [keyof Events] extends [never] ? string
    : Events[keyof Events] extends MessageEvent<infer Data> ? ([Data] extends [string] ? string : Data)
    : string;

/** The message of a type: its members as the map has them, or a {@link Message} if the type is not in the map. */
export type MessageOf<Events, Type, Data = string> = Type extends keyof Events ? Pick<Events[Type], keyof Message & keyof Events[Type]> : Message<Data>;

/** The event of a type: as the map has it, or a standard one. */
export type EventOf<Events, Type, Data = string> = Type extends keyof Events ? Events[Type]
    : Type extends "message" ? MessageEvent<Data>
    : Type extends keyof StandardEvents ? StandardEvents[Type]
    : MessageEvent<Data>;

/** The events that every source has. */
export interface StandardEvents {
    open: Event;
    message: MessageEvent;
    error: Event;
    /** Dispatched when the state has changed; `detail` is the new state. */
    statechange: CustomEvent<SourceState>;
}

type PlatformSource = InstanceType<typeof globalThis.EventSource>;

/**
 * Replaces the platform's `EventSource`. Without options other than `withCredentials`, `signal`, `base` and `transport: "native"`, a source
 * is the browser's own object, and nothing but your listeners runs for a message. Other options need the WebAssembly. The npm package loads
 * it when it is first needed, and the source is `connecting` meanwhile; with a package built by wasm-pack, `await init()` first.
 *
 * `Events` maps the types of the server's events to the events that listeners get, as the event maps of TypeScript's own `lib.dom.d.ts` do:
 * `new EventSource<{ tick: MessageEvent<string> }>("/events")`. An event's `data` is text, unless the option `decode` converts it: `new
 * EventSource<{ tick: MessageEvent<Tick> }>("/events", { decode: JSON.parse })`.
 *
 * An open source is kept alive until it is closed or gives up, even if nothing refers to it. A closed source is garbage-collected. There is no
 * memory to free.
 */
export class EventSource<Events extends EventMap<Events> = {}, Data = DataOf<Events>> extends EventTarget {
    static readonly CONNECTING: 0;
    static readonly OPEN: 1;
    static readonly CLOSED: 2;

    /**
     * Opens a source. The connection is made asynchronously.
     *
     * @throws {DOMException} `SyntaxError` if `url` is not a valid URL.
     * @throws {TypeError} if an option has a wrong type or value, or needs another option.
     * @throws {Error} if an option needs the WebAssembly, which is not loaded, and which this build does not load by itself.
     */
    constructor(url: string | URL, options: EventSourceOptions<Data> & { decode: (data: string) => Data });
    constructor(
        url: string | URL,
        ...options: [Data] extends [string]
            ? [options?: (EventSourceOptions & { decode?: undefined }) | undefined]
            : [options: EventSourceOptions<Data> & { decode: (data: string) => Data }]
    );
    // For options that may or may not have `decode`.
    constructor(url: string | URL, options: string extends Data ? EventSourceOptions<Data> : never);

    /**
     * Reads a response that you have. The same rules apply as to any other: its status has to be 200, and its type `text/event-stream`. It
     * is read once: the source then ends as `"complete"`, or with an error if the response breaks off. With `resume` or `resend: true`, the
     * source continues with requests of its own.
     *
     * @throws {TypeError} if it is not a `Response`, or if its body has already been read.
     */
    static fromResponse<Data>(
        this: typeof EventSource, response: Response, options: Omit<FetchOptions<Data>, "transport"> & { decode: (data: string) => Data },
    ): EventSource<{}, Data>;
    static fromResponse<This extends new (...given: any[]) => unknown>(
        this: This, response: Response, options?: Omit<FetchOptions, "transport"> | undefined,
    ): InstanceType<This>;

    readonly CONNECTING: 0;
    readonly OPEN: 1;
    readonly CLOSED: 2;

    /** The absolute URL of the stream, from the URL that the constructor was given. */
    readonly url: string;
    readonly withCredentials: boolean;
    /** `CONNECTING` (0), also while the source is waiting or paused; `OPEN` (1); or `CLOSED` (2). */
    readonly readyState: 0 | 1 | 2;
    onopen: ((this: PlatformSource, event: Event) => any) | null;
    onmessage: ((this: PlatformSource, event: MessageEvent<any>) => any) | null;
    onerror: ((this: PlatformSource, event: Event) => any) | null;

    /** What the source is doing, in more detail than `readyState`. */
    readonly state: SourceState;
    /** The newest response of the transport `fetch`; `null` until the source is open, and always with the native transport. */
    readonly response: SourceResponse | null;
    /** What the source has counted. Without options, it counts messages from when this or `lastEventId` is first read. */
    readonly stats: SourceStats;
    /**
     * The last event ID of the newest message that all iterators and lists have taken; `""` if there is none. Messages that are still
     * queued for a reader don't count. Without iterators and lists, it is that of the newest message that has arrived. Without options, it
     * is kept up to date from when it or `stats` is first read, or a listener of `statechange` is added.
     */
    readonly lastEventId: string;

    addEventListener<Type extends (keyof Events & string) | keyof StandardEvents>(
        type: Type,
        listener: ((this: PlatformSource, event: EventOf<Events, Type, Data>) => any) | { handleEvent(event: EventOf<Events, Type, Data>): any } | null,
        options?: boolean | AddEventListenerOptions,
    ): void;
    addEventListener(type: string, listener: (this: PlatformSource, event: MessageEvent) => any, options?: boolean | AddEventListenerOptions): void;
    addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
    removeEventListener<Type extends (keyof Events & string) | keyof StandardEvents>(
        type: Type,
        listener: ((this: PlatformSource, event: EventOf<Events, Type, Data>) => any) | { handleEvent(event: EventOf<Events, Type, Data>): any } | null,
        options?: boolean | EventListenerOptions,
    ): void;
    removeEventListener(type: string, listener: (this: PlatformSource, event: MessageEvent) => any, options?: boolean | EventListenerOptions): void;
    removeEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;

    /**
     * Iterates over the messages that arrive from now on: those of one type (by default `"message"`), or of several types in order of
     * arrival. `{ all: true }` gives those of every type, and needs the transport `fetch`.
     *
     * `return()`, or leaving `for await`, ends the iterator and leaves the source open.
     *
     * With options, no event is dispatched for a type that only iterators take. Listeners therefore have to be added by the source's own
     * `addEventListener` or `onmessage`; those added by `EventTarget.prototype.addEventListener.call(source, …)` are not noticed.
     *
     * @throws {TypeError} when an argument has a wrong type or value.
     */
    messages(options: MessagesOptions & { all: true; batch?: undefined }): Messages<MessageOf<Events, keyof Events, Data> | Message<Data>>;
    messages(options: MessagesOptions & { all: true; batch: number | "frame" }): Messages<(MessageOf<Events, keyof Events, Data> | Message<Data>)[]>;
    messages(options: MessagesOptions & { all?: false | undefined; batch: number | "frame" }): Messages<MessageOf<Events, "message", Data>[]>;
    messages(options: MessagesOptions & { all?: false | undefined; batch?: undefined }): Messages<MessageOf<Events, "message", Data>>;
    messages<Type extends string = "message">(type?: Type, options?: MessagesOptions & { batch?: undefined }): Messages<MessageOf<Events, Type, Data>>;
    messages<Type extends string>(types: Iterable<Type> & object, options?: MessagesOptions & { batch?: undefined }): Messages<MessageOf<Events, Type, Data>>;
    messages<Type extends string>(type: Type, options: MessagesOptions & { batch: number | "frame" }): Messages<MessageOf<Events, Type, Data>[]>;
    messages<Type extends string>(types: Iterable<Type> & object, options: MessagesOptions & { batch: number | "frame" }): Messages<MessageOf<Events, Type, Data>[]>;

    /**
     * The data of the messages without a type, parsed as JSON. The same as `messages().json()`, except that leaving `for await` closes the
     * source.
     *
     * @typeParam Value - The type of the data; it is not checked.
     */
    json<Value = unknown>(): SourceIterator<Value>;

    /** The messages without a type. The same as `messages()`, except that leaving `for await` closes the source. */
    [Symbol.asyncIterator](): Messages<MessageOf<Events, "message", Data>>;

    /**
     * Calls a listener with each message, whatever its type, after the listeners of that type. Needs the transport `fetch`.
     *
     * @returns a function that removes the listener; aborting the `signal` does the same.
     * @throws {TypeError} with the native transport, which delivers only types that have a listener of their own.
     */
    onAny(
        listener: ((this: PlatformSource, event: MessageEvent<Data>) => any) | { handleEvent(event: MessageEvent<Data>): any },
        options?: { signal?: AbortSignal | undefined } | undefined,
    ): () => void;

    /**
     * Makes a new connection now, which replaces the present one or ends a wait or pause. Does nothing if the source is closed, or if its
     * request may not be repeated (a `POST`, for instance). A source without options needs the WebAssembly for it; if its `lastEventId` has
     * not been read before, the stream starts from the beginning. `statechange` is dispatched during this call.
     */
    reconnect(): void;

    /**
     * Closes the source. No event follows except `statechange`, which is dispatched during this call, or, if a listener of `open`, `error`
     * or `statechange` calls this, after that event. Iterators yield the messages that have arrived, then end.
     */
    close(): void;
    /** The same as `close()`, for `using`. */
    [Symbol.dispose](): void;

    /**
     * Opens a closed source again, with the same options and listeners, after the last message that has arrived. The request is repeated
     * whatever `resend` says; if there is a last event ID and `resume`, the request that `resume` returns is made instead. After
     * `fromResponse()`, it is a `GET` of the response's URL, unless the options say otherwise.
     *
     * `stats` starts again from zero. Iterators and lists that the source had before stay ended. `statechange` is dispatched during
     * this call. Does nothing if the source is not closed. A source without options needs the WebAssembly for it; if its `lastEventId` has
     * not been read before, the stream starts from the beginning.
     *
     * @throws the `reason` of the source's signal, if the signal was aborted.
     */
    reopen(): void;
}

/** How a list shows messages. */
export interface ListOptions {
    /** The types of event to show. Default: `["message"]`. */
    types?: Iterable<string> & object | undefined;
    /** Text before each message's data. Default: `"message: "`. */
    prefix?: string | undefined;
    /** How many lines are kept; older ones are removed. An integer of at least 1. Default: 1000. */
    maxLines?: number | undefined;
    /** Called with the current state, then with each new one, until the list is closed. */
    onStateChange?: ((state: SourceState) => void) | undefined;
}

/** The options of the list, and of the source that it opens. */
export type ListMessagesOptions = ListOptions & EventSourceOptions;

/**
 * Shows each message as an `<li>` in `list`. Data is shown as text. The list is updated once per animation frame, keeps only the newest
 * lines, and stays scrolled to the end while the user is there.
 *
 * Given a URL, it opens a source of its own, which `close()` closes. Given a source, it shows the messages that arrive from now on, and
 * `close()` leaves the source open.
 *
 * The list is updated until it or its source is closed, even if nothing refers to the returned object.
 *
 * @throws {DOMException} `SyntaxError` if the URL is not valid; `InvalidStateError` if the source is closed.
 * @throws {TypeError} when an argument has a wrong type or value.
 */
export function listMessages(list: Element, source: EventSource<any, any>, options?: ListOptions): MessageList;
export function listMessages(list: Element, url: string | URL, options?: ListMessagesOptions): MessageList;

/** A list that shows messages, from {@link listMessages}. */
export class MessageList {
    private constructor();
    /** The source whose messages are shown. */
    readonly source: EventSource<any, any>;
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
    /**
     * Stops updating the list until `resume()`, or until the list or its source is closed. The connection stays open; the newest messages
     * wait.
     */
    pause(): void;
    /** Continues after `pause()`. */
    resume(): void;
    /** Removes all lines, and the messages that wait to be shown. */
    clear(): void;
    /** Stops showing messages. Those that have arrived are still shown, even after `pause()`. The lines remain. */
    close(): void;
    /** The same as `close()`, for `using`. */
    [Symbol.dispose](): void;
}
