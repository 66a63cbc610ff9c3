// The page's query: which streams it shows, and how. `url=/events&transport=fetch&url=/events?drop=3`: a stream's address begins
// it, and what follows belongs to it.

import { chosen } from './options.js';

/** What a stream's part of the query may say besides its options. */
const SHOWN = ['panel', 'find', 'only', 'regexp'];

/**
 * The streams of a query: `[{ text, options, shown }, …]`, one at least; `text` is undefined where the query names none.
 * At most `most` are taken.
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

/** The query for streams, `''` for one that is as the page has it: `text` is undefined for the page's own address. */
export function write(streams) {
  const query = new URLSearchParams();
  for (const { text, options, shown = {} } of streams) {
    const alone = streams.length === 1 && text === undefined;
    if (!alone) query.append('url', text ?? '/events');
    for (const [name, value] of Object.entries({ ...options, ...shown })) query.append(name, value);
  }
  return query.size === 0 ? '' : `?${query}`;
}
