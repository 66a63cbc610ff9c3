// The page's query: which streams it shows, and how. In `url=/events&transport=fetch&url=/events?drop=3`, each `url` begins a
// stream, and the parameters after it belong to that stream.

import { chosen } from './options.js';

/** What a stream's part of the query may have besides its options. */
const SHOWN = ['panel', 'find', 'only', 'regexp'];

/**
 * The streams of a query: `[{ text, options, shown }, …]`, at least one and at most `most`; `text` is undefined if the query has
 * no `url`.
 */
export function read(query, most = 8) {
  const streams = [];
  let given = {};
  let text;
  let begun = false;
  const end = () => {
    const shown = Object.fromEntries(SHOWN.filter((name) => given[name]).map((name) => [name, given[name]]));
    streams.push({ text, options: chosen(given), shown });
    given = {};
  };
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === 'url') {
      if (begun) end();
      text = value;
    } else {
      given[name] = value;
    }
    begun = true;
  }
  end();
  return streams.slice(0, most);
}

/** The query for streams; `''` for a single stream with the page's defaults. `text` is undefined for the page's own address. */
export function write(streams) {
  const query = new URLSearchParams();
  for (const { text, options, shown = {} } of streams) {
    const alone = streams.length === 1 && text === undefined;
    if (!alone) query.append('url', text ?? '/events');
    for (const [name, value] of Object.entries({ ...options, ...shown })) query.append(name, value);
  }
  return query.size === 0 ? '' : `?${query}`;
}
