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
    /**
     * A change of this opens a new source, as a change of the URL does; use it for a new `body`, say. Compared by `Object.is`. Default:
     * none.
     */
    key?: unknown;
}, Data>;

/** What the hook returns: the same object until something has changed. */
export interface UseEventSourceReturn<Data = string> extends SourceSnapshot<Data>, SourceControls {}

/**
 * Opens a source while the component is mounted, and renders the component when messages arrive: once per animation frame, however many
 * messages there are, and once a second while the page is hidden.
 *
 * A change of `url` or `key` closes the source and opens a new one; nothing of the former source is returned any more. Changes of other
 * options don't, so options can be written inline. Functions among them (`headers`, `urlProvider`, `reconnect`) are always those of the
 * last render.
 *
 * When the component is unmounted, its source is closed. On a server, no source is opened.
 *
 * An invalid URL or option throws while the component is mounted; an error boundary catches that.
 *
 * @param url - The URL of the stream. With `null`, `undefined` or `""`, no source is opened.
 * @typeParam Data - The type of the messages' data: `string`, or what `decode` returns.
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
