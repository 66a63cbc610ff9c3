/**
 * `useEventSource` for Svelte 5.7 and later.
 *
 * @packageDocumentation
 */

import type { OptionsWith, SourceControls, SourceSnapshot } from "./frameworks.js";

export type { EventSourceOptions, Message, SourceError, SourceState } from "./index.js";
export type { SourceControls, SourceSnapshot } from "./frameworks.js";

export type UseEventSourceOptions<Data = unknown> = OptionsWith<{
    /** `false` closes the source, or does not open it. A function may read state. Default: `true`. */
    enabled?: boolean | (() => boolean | undefined) | undefined;
    /**
     * A change of this opens a new source, as a change of the URL does; use it for a new `body`, say. A function that returns it may read
     * state. Compared by `Object.is`. Default: none.
     */
    key?: unknown;
}, Data>;

/** An object with reactive members. Read them where they are used, as `source.data`; destructuring copies their present values. */
export interface UseEventSourceReturn<Data = string> extends SourceSnapshot<Data>, SourceControls {}

/**
 * Opens a source while a template or an effect reads the returned object, and updates them when messages arrive: once per animation frame,
 * however many messages there are, and once a second while the page is hidden.
 *
 * A change of `url` or `key` closes the source and opens a new one; nothing of the former source is shown any more. Other options take
 * effect when a source is opened.
 *
 * When the last template or effect that reads the object is destroyed, as when the component is unmounted, its source is closed. On a
 * server, no source is opened.
 *
 * An invalid URL or option throws where the component is created, or where a template or an effect reads the object; a `<svelte:boundary>`
 * catches that.
 *
 * @param url - The URL of the stream; a function that returns it may read state. With `null`, `undefined` or `""`, no source is opened.
 * @typeParam Data - The type of the messages' data: `string`, or what `decode` returns.
 */
export function useEventSource<Data>(
    url: string | URL | null | undefined | (() => string | URL | null | undefined),
    options: UseEventSourceOptions<Data> & { decode: (data: string) => Data },
): UseEventSourceReturn<Data>;
export function useEventSource(
    url: string | URL | null | undefined | (() => string | URL | null | undefined),
    options?: UseEventSourceOptions & { decode?: undefined },
): UseEventSourceReturn;
export function useEventSource<Data>(
    url: string | URL | null | undefined | (() => string | URL | null | undefined),
    options: UseEventSourceOptions<Data>,
): UseEventSourceReturn<Data | string>;
