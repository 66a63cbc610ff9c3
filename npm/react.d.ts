/**
 * `useEventSource` for React 18 and later.
 *
 * @packageDocumentation
 */

import type { OptionsWith, SourceControls, SourceSnapshot } from "./frameworks.js";

export type { EventSourceOptions, Message, SourceError, SourceState } from "./index.js";
export type { SourceControls, SourceSnapshot } from "./frameworks.js";

export type UseEventSourceOptions<Data = unknown> = OptionsWith<{
    /** `false` closes the source, or does not open it. Default: `true`. */
    enabled?: boolean | undefined;
    /** A new source is opened when this changes, as when the URL does: for a `body`, say. Compared by `Object.is`. Default: none. */
    key?: unknown;
}, Data>;

/** The same object until something has changed. */
export interface UseEventSourceReturn<Data = string> extends SourceSnapshot<Data>, SourceControls {}

/**
 * Opens a source while the component is mounted, and renders the component with what comes: once per animation frame however many
 * messages there are, and once a second while the page is hidden.
 *
 * Another `url` closes the source and opens one for that, and nothing of the former is shown any more. So does another `key`; other
 * options do not, so they may be written where the hook is called. Functions among them (`headers`, `urlProvider`, `reconnect`) are
 * always those of the last render.
 *
 * When the component is unmounted its source is closed. On a server no source is opened.
 *
 * An invalid URL or option is thrown while the component is mounted: an error boundary gets it.
 *
 * @param url - `null`, `undefined` and `""` open nothing.
 * @typeParam Data - What messages have as their data: text, or what `decode` makes of it.
 */
export function useEventSource<Data>(
    url: string | URL | null | undefined,
    options: UseEventSourceOptions<Data> & { decode: (data: string) => Data },
): UseEventSourceReturn<Data>;
export function useEventSource(
    url: string | URL | null | undefined,
    options?: UseEventSourceOptions & { decode?: undefined },
): UseEventSourceReturn;
export function useEventSource<Data>(
    url: string | URL | null | undefined,
    options: UseEventSourceOptions<Data>,
): UseEventSourceReturn<Data | string>;
