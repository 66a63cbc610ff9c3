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
     * A new source is opened when this changes, as when the URL does: for a `body`, say. A function that gives it may read state.
     * Compared by `Object.is`. Default: none.
     */
    key?: unknown;
}, Data>;

/** Its members are read where they are used, `source.data`: a copy of one, or one that is taken out by destructuring, does not change. */
export interface UseEventSourceReturn<Data = string> extends SourceSnapshot<Data>, SourceControls {}

/**
 * Opens a source while a template or an effect reads it, and updates those with what comes: once per animation frame however many
 * messages there are, and once a second while the page is hidden.
 *
 * Another `url` closes the source and opens one for that, and nothing of the former is shown any more. So does another `key`; other
 * options take effect when a source is opened.
 *
 * When the last template or effect that reads it is destroyed, as when the component is unmounted, its source is closed. On a server
 * no source is opened.
 *
 * An invalid URL or option is thrown where the component is made, or where a template or an effect reads what there is: a
 * `<svelte:boundary>` gets it.
 *
 * @param url - A function may read state. `null`, `undefined` and `""` open nothing.
 * @typeParam Data - What messages have as their data: text, or what `decode` makes of it.
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
