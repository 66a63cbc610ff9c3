/**
 * `useEventSource` for Vue 3.3 and later.
 *
 * @packageDocumentation
 */

import type { MaybeRefOrGetter, ShallowRef } from "vue";

import type { OptionsWith, SourceControls, SourceSnapshot } from "./frameworks.js";

export type { EventSourceOptions, Message, SourceError, SourceState } from "./index.js";
export type { SourceControls, SourceSnapshot } from "./frameworks.js";

export type UseEventSourceOptions<Data = unknown> = OptionsWith<{
    /** `false` closes the source, or does not open it. Default: `true`. */
    enabled?: MaybeRefOrGetter<boolean | undefined>;
    /**
     * A change of this opens a new source, as a change of the URL does; use it for a new `body`, say. Compared by `Object.is`. Default:
     * none.
     */
    key?: MaybeRefOrGetter<unknown>;
}, Data>;

/** What the composable returns: read-only shallow refs, and functions. */
export type UseEventSourceReturn<Data = string> = SourceControls & {
    readonly [Name in keyof SourceSnapshot<Data>]: Readonly<ShallowRef<SourceSnapshot<Data>[Name]>>;
};

/**
 * Opens a source when the component is mounted, and updates the refs when messages arrive: once per animation frame, however many messages
 * there are, and once a second while the page is hidden.
 *
 * A change of `url` or `key` closes the source and opens a new one; the refs then have nothing of the former source. Other options take
 * effect when a source is opened.
 *
 * When the component is unmounted, its source is closed. On a server, no source is opened. Outside of a component, the source is opened at
 * once, and closed with its effect scope.
 *
 * An invalid URL or option throws in `setup`, or while the component is mounted, where `app.config.errorHandler` gets the error.
 *
 * @param url - The URL of the stream. With `null`, `undefined` or `""`, no source is opened.
 * @typeParam Data - The type of the messages' data: `string`, or what `decode` returns.
 */
export function useEventSource<Data>(
    url: MaybeRefOrGetter<string | URL | null | undefined>,
    options: UseEventSourceOptions<Data> & { decode: (data: string) => Data },
): UseEventSourceReturn<Data>;
export function useEventSource(
    url: MaybeRefOrGetter<string | URL | null | undefined>,
    options?: UseEventSourceOptions & { decode?: undefined },
): UseEventSourceReturn;
export function useEventSource<Data>(
    url: MaybeRefOrGetter<string | URL | null | undefined>,
    options: UseEventSourceOptions<Data>,
): UseEventSourceReturn<Data | string>;
