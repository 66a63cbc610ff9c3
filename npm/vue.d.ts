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
    /** A new source is opened when this changes, as when the URL does: for a `body`, say. Compared by `Object.is`. Default: none. */
    key?: MaybeRefOrGetter<unknown>;
}, Data>;

/** Shallow refs, which are read only, and functions. */
export type UseEventSourceReturn<Data = string> = SourceControls & {
    readonly [Name in keyof SourceSnapshot<Data>]: Readonly<ShallowRef<SourceSnapshot<Data>[Name]>>;
};

/**
 * Opens a source when the component is mounted, and sets the refs to what comes: once per animation frame however many messages
 * there are, and once a second while the page is hidden.
 *
 * Another `url` closes the source and opens one for that, and nothing of the former is shown any more. So does another `key`; other
 * options take effect when a source is opened.
 *
 * When the component is unmounted its source is closed. On a server no source is opened. Outside of a component it is opened at once,
 * and closed with its effect scope.
 *
 * An invalid URL or option is thrown: in `setup`, or while the component is mounted, where `app.config.errorHandler` gets it.
 *
 * @param url - `null`, `undefined` and `""` open nothing.
 * @typeParam Data - What messages have as their data: text, or what `decode` makes of it.
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
