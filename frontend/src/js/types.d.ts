/** What every {@link SourceError} has. `message` says what to do about it. */
export interface SourceErrorBase<Name extends string> extends Error {
    readonly name: Name;
    readonly status?: undefined;
    readonly headers?: undefined;
    readonly body?: undefined;
    readonly bodyTruncated?: undefined;
    readonly retryAfter?: undefined;
}

/** What a server answered that is no stream. */
export interface Answered {
    /** The HTTP status. */
    readonly status: number;
    /** The answer's headers by their lower-case names; empty where `probe` found it. */
    readonly headers: Readonly<Record<string, string>>;
    /** The answer's body, or as much of it as came within half a second, at most 16 KiB; `""` where `probe` found it. */
    readonly body: string;
    /** Whether the body has more, or may have. */
    readonly bodyTruncated: boolean;
}

type AnsweredError<Name extends string> = Omit<SourceErrorBase<Name>, keyof Answered> & Answered;

/** The connection was lost or could not be made; another attempt follows, unless this is the end. */
export interface DisconnectedError extends SourceErrorBase<"DisconnectedError"> {}
/** The browser gave up, and tells nobody why. */
export interface ConnectionFailedError extends SourceErrorBase<"ConnectionFailedError"> {}
/** The server wants no more connections: it answered 204. The browser's own object tells that only by `probe`. */
export interface StoppedError extends Omit<SourceErrorBase<"StoppedError">, "status"> {
    readonly status: 204;
}
/** The server answered with a `status` that has no stream. The browser's own object tells that only by `probe`. */
export interface StatusError extends Omit<AnsweredError<"StatusError">, "retryAfter"> {
    /** How many milliseconds the server wants to be left alone (`Retry-After`). */
    readonly retryAfter: number | null;
}
/** The server answered 200, but with another type than `text/event-stream` (transport `fetch`). */
export interface ContentTypeError extends AnsweredError<"ContentTypeError"> {}
/** The server can be reached, but the browser may not show its answer to this page (transport `fetch`). */
export interface CorsError extends SourceErrorBase<"CorsError"> {}
/** A message was longer than `maxMessageSize` (transport `fetch`). */
export interface TooLargeError extends SourceErrorBase<"TooLargeError"> {}
/** A function given as `headers` threw, or gave what can't be headers. */
export interface HeadersProviderError extends SourceErrorBase<"HeadersProviderError"> {}
/** A function given as `fetch` threw something else than the `TypeError` of a network that is down. */
export interface FetchError extends SourceErrorBase<"FetchError"> {}
/** The answer broke off, and `resume` threw, or gave nothing to resume it with. */
export interface ResumeError extends SourceErrorBase<"ResumeError"> {}
/** An attempt took longer than `openTimeout`. */
export interface OpenTimeoutError extends SourceErrorBase<"OpenTimeoutError"> {}
/** Nothing came for longer than `idleTimeout`. */
export interface IdleTimeoutError extends SourceErrorBase<"IdleTimeoutError"> {}
/** `urlProvider` threw, or gave what is no URL. */
export interface UrlProviderError extends SourceErrorBase<"UrlProviderError"> {}
/** This environment can't do what was asked. */
export interface UnsupportedError extends SourceErrorBase<"UnsupportedError"> {}

/**
 * Why a source lost its connection, or gave up; told apart by `name`. All of it can be posted to another thread: `structuredClone()`
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
 * Which part a source with the option `share` has: `"leader"` has the connection, `"follower"` gets what the leader posts, and
 * `"unsupported"` has a connection of its own, because there are no Web Locks here or no `BroadcastChannel`.
 */
export type SharedRole = "leader" | "follower" | "unsupported";

/** What a source is doing. With the option `share` it is what the leader does, and `shared` says which part this source has. */
export type SourceState =
    /** An attempt to connect is under way; 1 is the first since the source was opened or was last open. */
    | { readonly name: "connecting"; readonly attempt: number; readonly shared?: SharedRole }
    /** The server answered with an event stream. */
    | { readonly name: "open"; readonly shared?: SharedRole }
    /** The connection broke; `attempt` follows in `delay` milliseconds, or when the browser decides (`null`). */
    | { readonly name: "waiting"; readonly attempt: number; readonly delay: number | null; readonly cause: SourceError; readonly shared?: SharedRole }
    /** No connection is wanted for now. */
    | { readonly name: "paused"; readonly reason: "hidden" | "offline" | "cached"; readonly shared?: SharedRole }
    /**
     * It is over: `"close"`: `close()` was called; `"complete"`: the stream has told its end (`endEvent`, `endData`), or the response
     * has been read to its end, and its request is one that is not made again (a POST, for instance).
     */
    | { readonly name: "closed"; readonly reason: "close" | "complete"; readonly cause: null; readonly shared?: SharedRole }
    /** It is over: the `signal` was aborted, and `cause` is its `reason`. */
    | { readonly name: "closed"; readonly reason: "abort"; readonly cause: unknown; readonly shared?: SharedRole }
    /** It is over: the source gave up, and `cause` says why. */
    | { readonly name: "closed"; readonly reason: "failure"; readonly cause: SourceError; readonly shared?: SharedRole };

/** What a source has counted since it was opened. Messages are those of types that someone listens to. */
export interface SourceStats {
    /** Messages that arrived. */
    readonly messages: number;
    /**
     * The length of their data in UTF-16 code units: of what listeners and iterators have read, where options were given,
     * else of all. With the transport `fetch`, of all messages' data in bytes.
     */
    readonly bytes: number;
    /**
     * Messages lost because the reader of an iterator was too slow, or because others who share the connection had them while this
     * source was out of touch. Lines that a list no longer keeps are not lost.
     */
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
    minDelay?: number | undefined;
    /** Milliseconds; the upper end of every wait. Default: 30000. */
    maxDelay?: number | undefined;
    /** How many attempts in a row may fail before the source gives up. Default: any number. */
    maxAttempts?: number | undefined;
    /** Milliseconds for which a connection has to hold until its failures are forgotten. Default: 60000. */
    stablePeriod?: number | undefined;
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
export type EventSourceOptions<Data = unknown> = NativeOptions<Data> | FetchOptions<Data>;

/** Options of a source over the browser's own `EventSource`. */
export interface NativeOptions<Data = unknown> extends SourceOptions<Data> {
    transport?: "native" | undefined;
}

/**
 * Options of a source over `fetch`: for headers, methods, bodies, status codes, and a server that waits for a slow reader.
 *
 * Nothing of an answer is read before someone reads messages: a listener added by the source's own `addEventListener()` or `onmessage`
 * (of another type than `open`, `error` and `statechange`), `onAny()`, an iterator or a list. So nothing is lost to who comes late; and
 * while nobody reads, neither the end of an answer nor a break is noticed. The source is opened, and tells so, all the same.
 */
export interface FetchOptions<Data = unknown> extends SourceOptions<Data> {
    transport: "fetch";
    /** Default: `"GET"`. Another one is not sent twice where that might do twice what was asked once: see `resend`. */
    method?: string | undefined;
    /**
     * The request's headers; or a function that is asked for them before every attempt, and once more, with `rejected`,
     * when the server has answered 401.
     */
    headers?: HeadersInit | ((context: HeadersContext) => HeadersInit | PromiseLike<HeadersInit>) | undefined;
    /** Anything that can be sent again: no `ReadableStream`. */
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
     * Whether the request may be made a second time.
     *
     * - `"before-open"`, the default of other methods than `GET` and `HEAD` where `reconnect` is set: while it is refused, by a server
     *   that says it has not acted on it (408, 425, 429, 503 or 529) or because nobody answers. Once an answer has begun, never; nor
     *   after another status, or `openTimeout`: the server may have done what it was asked.
     * - `true`: after every failure, and when an answer has broken off. One that was read to its end is complete: the source ends. Only
     *   a `GET` or `HEAD` is asked for again then.
     * - `false`: never.
     *
     * When it is made again, and how often, `reconnect` says; without that, only lost connections are made again, as the Standard has
     * it. Default of `GET` and `HEAD`: as the Standard has it; a stream that ends is requested again.
     */
    resend?: boolean | "before-open" | undefined;
    /**
     * Goes on with an answer that broke off by another request: gives its URL, or what else it takes (by default a `GET` of the
     * source's URL), or `null` where nothing can be resumed. Headers of the source go along, but for `Content-…`; so does the last
     * event ID. 204 says that there is nothing more: the source is complete.
     *
     * Asked before every attempt after the first answer, and at once for an answer that was begun before: where there is a
     * `lastEventId`, or `resumeAfterReload` has found one, or the source is reopened. An answer that is read to its end is complete;
     * with `endEvent` or `endData`, only one that has told its end is.
     */
    resume?: ((context: ResumeContext) => ResumeRequest | null | undefined | PromiseLike<ResumeRequest | null | undefined>) | undefined;
    /**
     * Called in place of the global `fetch`, with the URL and an object of plain members: for interceptors, and for tests. It should
     * pass the `signal` on. Of what it rejects with, a `TypeError` is a lost connection, anything else a `FetchError`.
     */
    fetch?: ((url: string, init: FetchInit) => Response | PromiseLike<Response>) | undefined;
    /** The most bytes that a message may have. Default: 16 MiB. */
    maxMessageSize?: number | undefined;
}

/** The answer that a stream comes in. */
export interface SourceResponse {
    readonly status: number;
    /** The URL, after redirects. */
    readonly url: string;
    /** Those that a script may see; from another origin that takes `Access-Control-Expose-Headers`. */
    readonly headers: Headers;
}

/** What `resume` may consider. */
export interface ResumeContext {
    /** The id of the newest message that has arrived; `""` if none had one. */
    readonly lastEventId: string;
    /** The newest answer; `null` where that came before a reload of the page, to another source, or before `reopen()`. */
    readonly response: SourceResponse | null;
}

/** What `resume` gives. */
export type ResumeRequest = string | URL | {
    /** Default: the source's. */
    readonly url?: string | URL | undefined;
    /** Default: `"GET"`. */
    readonly method?: string | undefined;
    /** In place of those of the same names among the source's. */
    readonly headers?: HeadersInit | undefined;
    /** Default: none. */
    readonly body?: Exclude<BodyInit, ReadableStream> | null | undefined;
};

/** What a function given as `fetch` gets beside the URL. */
export interface FetchInit extends RequestInit {
    method: string;
    /** By their lower-case names. */
    headers: Record<string, string>;
    signal: AbortSignal;
}

/** What a function given as `urlProvider` may consider. */
export interface UrlContext {
    /** The id that the connection is to go on after; `""` if there is none. */
    readonly lastEventId: string;
}

/** What a function given as `headers` may consider. */
export interface HeadersContext {
    /** Whether the server has just answered 401 to what it gave before. */
    readonly rejected: boolean;
}

/** What the transports have in common. */
export interface SourceOptions<Data = unknown> {
    /** Send cookies to another origin too. Default: false. */
    withCredentials?: boolean | undefined;
    /** What a relative URL is resolved at. Default: the page's or worker's own; elsewhere there is none. */
    base?: string | URL | undefined;
    /** Closes the source when it is aborted. If it is aborted already, no connection is made. */
    signal?: AbortSignal | undefined;
    /**
     * Connect again where the browser gives up. `true` takes the defaults of {@link Backoff}; a function gives the next
     * wait, or `null` to give up. Default: false.
     */
    reconnect?: boolean | Backoff | ((context: RetryContext) => number | null | undefined) | undefined;
    /** Asked for the address of every attempt, for one that is good only once or for a short time. */
    urlProvider?: ((context: UrlContext) => string | URL | PromiseLike<string | URL>) | undefined;
    /** The id to go on after, from an earlier visit. */
    lastEventId?: string | undefined;
    /**
     * The query parameter for the last event ID on new connections; `null` for none. Default: `"lastEventId"`; with the
     * transport `fetch` the header `Last-Event-ID`, unless a parameter is named here.
     */
    lastEventIdParam?: string | null | undefined;
    /**
     * Whether a reload of the page goes on where the page was: after the messages that all readers have taken. Default:
     * false.
     *
     * `true` recognises a stream by its URL without the values of parameters such as `token` and `ticket`, which change. A
     * string is a key to recognise it by, for URLs that change from visit to visit.
     */
    resumeAfterReload?: boolean | string | undefined;
    /**
     * Whether all sources of this stream, in all tabs and workers of the origin, use one connection. `true` recognises a stream by its
     * URL; a string is a name to recognise it by, for URLs that differ. Transport, credentials, method, body and headers have to be
     * the same too; what functions give is not compared. Default: false.
     *
     * One source leads: it has the connection, and its options are the ones that count for it. `state.shared` says which part
     * a source has. When the leader is closed, crashes, hangs for some seconds, or is hidden while others are shown, another
     * one continues after the newest message that anyone has; for that to be without loss, messages need IDs.
     *
     * Over `fetch`, a reader that waits (`overflow`) holds the stream for all, for 5 s at most. `response` is there on the leader
     * only. Over the browser's own object, messages are not the events that the browser made.
     *
     * A request that may not be made again can't be shared: a `POST` needs `resend: true`. Where there are no Web Locks, as
     * on pages that came over HTTP from another machine, the source has a connection of its own.
     */
    share?: boolean | string | undefined;
    /**
     * Where the stream is after a message, for one that tells it in its data: what it gives is taken for the message's last event
     * ID, and goes where that goes. After a message for which it gives `undefined`, the stream is where it was before, or where the
     * message's own id says. The data is text, whatever `decode` says.
     *
     * The browser's own object makes connections again by itself, and then sends the id of the stream.
     */
    position?: ((message: Message) => string | number | bigint | null | undefined) | undefined;
    /**
     * The type of event that ends the stream; or a function that says of a message whether it is the last. It is delivered, then the
     * source closes as `"complete"`. With this, or `endData`, an answer that ends without it has broken off. The data is text,
     * whatever `decode` says.
     *
     * Over the browser's own object a function, and `endData`, see messages of those types only that someone reads.
     */
    endEvent?: string | ((message: Message) => boolean) | undefined;
    /** Data that marks the end of the stream, such as `"[DONE]"`. That message is not delivered. */
    endData?: string | undefined;
    /**
     * Makes of the data of each message what listeners and iterators get as its `data`: `JSON.parse`, for instance. Called when
     * `data` is first read, and what it throws is thrown there.
     */
    decode?: ((data: string) => Data) | undefined;
    /** Remember so many ids, and do not deliver again what the server repeats after a reconnect. */
    suppressDuplicates?: number | undefined;
    /**
     * The type of event with which the server says that it can't go on; `null` for none. Default: `"gap"`. A source that shares
     * its connection (`share`) also dispatches one, with empty data, when it has missed messages that no other tab keeps any more.
     */
    gapEvent?: string | null | undefined;
    /** How long it may take until the connection is open. */
    openTimeout?: number | undefined;
    /** How long an open connection may be silent. Needs `heartbeatEvent`, but for the transport `fetch`: that sees all bytes. */
    idleTimeout?: number | undefined;
    /** The type of event that the server sends to show that it is there. */
    heartbeatEvent?: string | undefined;
    /** Let the connection go when the page has been hidden for so long; make a new one when it is shown. */
    pauseWhenHidden?: number | undefined;
    /** When the browser has given up, ask for the URL once more to learn the status. Default: false. */
    probe?: boolean | undefined;
}

export interface MessagesOptions {
    /** How many messages may wait for their reader; a whole number from 1. Default: 1024. */
    capacity?: number | undefined;
    /**
     * What happens when more arrive. `"drop-oldest"`: the oldest is dropped, and counted. `"wait"`, the default of the
     * transport `fetch` and only possible there: the stream is read no further, by anyone, until there is room. A reader that takes
     * nothing for 5 s while others wait is warned of on the console, and drops its oldest until it reads again.
     */
    overflow?: "drop-oldest" | "wait" | undefined;
    /**
     * Give arrays: what waits, at least one message and at most so many. `"frame"` gives all that waits, once for each animation
     * frame; none while the page is hidden, and as soon as something waits where there are no frames (in a shared worker). What
     * comes between two frames and is more than `capacity` overflows, although the reader waits.
     */
    batch?: number | "frame" | undefined;
}

/**
 * Messages in order, from {@link EventSource.messages}. A lost connection does not end it. When the source gives up for
 * good, `next()` rejects once with a {@link SourceError}; after `close()`, it just ends.
 */
export interface Messages<Item> extends SourceIterator<Item> {
    /**
     * The data of these messages, parsed as JSON; arrays of it where messages come in arrays. Where data is not JSON, `next()` rejects
     * with a `SyntaxError`, and the iterator has ended: give what marks the end of the stream to the source as `endData`.
     *
     * @typeParam Value - What the data is taken for; it is not checked.
     */
    json<Value = unknown>(): SourceIterator<Item extends readonly unknown[] ? Value[] : Value>;
}

/** What a source's messages are iterated by. */
export interface SourceIterator<Item> extends AsyncDisposable {
    /** How many messages it has lost because its reader was too slow. */
    readonly dropped: number;
    next(): Promise<IteratorResult<Item, undefined>>;
    /** Ends it. */
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
 * A message as iterators give it. A `MessageEvent` has these members too, and is given where one was dispatched; where only
 * iterators take the messages of a type, none is made (with options, over either transport).
 */
export interface Message<Data = string> {
    readonly type: string;
    readonly data: Data;
    readonly lastEventId: string;
    readonly origin: string;
}

/** The types of a server's events, and the events that listeners get. Their data is text, unless `decode` makes something else of it. */
export type EventMap<Events> = { [Type in keyof Events]: MessageEvent };

/** What the data of events is that are not in a map: text, where that of those in the map is. */
export type DataOf<Events> = [keyof Events] extends [never] ? string
    : Events[keyof Events] extends MessageEvent<infer Data> ? ([Data] extends [string] ? string : Data)
    : string;

/** The message of a type: what the map of types says of its members, or any. */
export type MessageOf<Events, Type, Data = string> = Type extends keyof Events ? Pick<Events[Type], keyof Message & keyof Events[Type]> : Message<Data>;

/** The event of a type. */
export type EventOf<Events, Type, Data = string> = Type extends keyof Events ? Events[Type]
    : Type extends "message" ? MessageEvent<Data>
    : Type extends keyof StandardEvents ? StandardEvents[Type]
    : MessageEvent<Data>;

/** The events that every source has. */
export interface StandardEvents {
    open: Event;
    message: MessageEvent;
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
 * `lib.dom.d.ts` do: `new EventSource<{ tick: MessageEvent<string> }>("/events")`. An event's `data` is text, unless the option
 * `decode` makes something else of it: `new EventSource<{ tick: MessageEvent<Tick> }>("/events", { decode: JSON.parse })`.
 *
 * An open source lives until it is closed or gives up, whether or not anyone holds it; a closed one that nobody holds is
 * collected. There is no memory to manage.
 */
export class EventSource<Events extends EventMap<Events> = {}, Data = DataOf<Events>> extends EventTarget {
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
    constructor(url: string | URL, options: EventSourceOptions<Data> & { decode: (data: string) => Data });
    constructor(
        url: string | URL,
        ...options: [Data] extends [string]
            ? [options?: (EventSourceOptions & { decode?: undefined }) | undefined]
            : [options: EventSourceOptions<Data> & { decode: (data: string) => Data }]
    );
    // Options that may or may not decode.
    constructor(url: string | URL, options: string extends Data ? EventSourceOptions<Data> : never);

    /**
     * Reads an answer that the page has asked for itself. It is held to the same rules as any other: 200 and `text/event-stream`. It is
     * read once: the source then ends as `"complete"`, or with an error where the answer breaks off. With `resume`, or `resend: true`, it
     * goes on by requests of its own.
     *
     * @throws {TypeError} when it is no response, or when its body has been read.
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
    /** The newest answer of the transport `fetch`, from when it is open; `null` before, and over the browser's own object. */
    readonly response: SourceResponse | null;
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
     * The messages of one type, or of several in order of arrival, from now on; of `"message"` unless it is said. With `{ all: true }`
     * those of every type, which takes the transport `fetch`.
     *
     * `return()`, or leaving `for await`, ends the iterator and leaves the source open.
     *
     * With options, no event is dispatched for a type that only iterators take: `addEventListener` and `onmessage` of the source ask for
     * events, `EventTarget.prototype.addEventListener.call(source, …)` does not.
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
     * The data of the messages without a type, parsed as JSON: as `messages().json()` gives it; but leaving `for await` closes the source.
     *
     * @typeParam Value - What the data is taken for; it is not checked.
     */
    json<Value = unknown>(): SourceIterator<Value>;

    /** The messages without a type, as `messages()` gives them; but leaving `for await` closes the source. */
    [Symbol.asyncIterator](): Messages<MessageOf<Events, "message", Data>>;

    /**
     * Calls a listener with each message, whatever its type, after the listeners of that type. Takes the transport `fetch`.
     *
     * @returns what ends that; so does the `signal`.
     * @throws {TypeError} over the browser's own object, which shows only types that are asked for by name.
     */
    onAny(
        listener: ((this: PlatformSource, event: MessageEvent<Data>) => any) | { handleEvent(event: MessageEvent<Data>): any },
        options?: { signal?: AbortSignal | undefined } | undefined,
    ): () => void;

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

    /**
     * Opens the source again after its end: with the same options and listeners, after the last message that has arrived. The request
     * is made again whatever `resend` says; where there are an id and `resume`, that one is made. After `fromResponse()` it is a `GET` of
     * the response's URL, unless the options say another.
     *
     * What the source counts begins anew. Iterators and lists of before have ended. The new state's `statechange` is dispatched inside
     * this call. Does nothing before the end. Without options it needs the WebAssembly, and `lastEventId` must have been asked for
     * before, or the stream begins anew.
     *
     * @throws the `reason` of the source's signal, if that was aborted.
     */
    reopen(): void;
}

/** How a list shows messages. */
export interface ListOptions {
    /** The types of event to show. Default: `["message"]`. */
    types?: Iterable<string> & object | undefined;
    /** What stands before each message's data. Default: `"message: "`. */
    prefix?: string | undefined;
    /** How many lines are kept, the newest; a whole number from 1. Default: 1000. */
    maxLines?: number | undefined;
    /** Called with the state of now, then with each new one, until the list is closed. */
    onStateChange?: ((state: SourceState) => void) | undefined;
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
