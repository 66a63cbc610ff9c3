// The page's own location, and the stream that its address names.

/** The folder of the page's files, whatever path the page was served at. */
export const home = new URL('../', import.meta.url);

/** The paths of the dev server's streams: when one is typed into the address bar, the server returns this page. */
const STREAMS = /^\/(events|echo|raw\/.+|through\/.+)$/;

/** The stream URL that was typed into the address bar; `null` if the page is at an address of its own. */
export function typedStream(location) {
  return STREAMS.test(location.pathname) ? location.pathname + location.search : null;
}

const hint = 'Try /events, or https://example.com/events.';

/** The absolute URL of an address. Throws an error that says what to write instead. */
export function parse(text) {
  if (text === '') throw new Error(`An address is needed. ${hint}`);
  let url;
  try {
    url = new URL(text, document.baseURI);
  } catch {
    throw new Error(`“${text}” is not an address. ${hint}`);
  }
  if (!/^https?:$/.test(url.protocol)) throw new Error(`The address has to begin with http: or https:, not ${url.protocol} ${hint}`);
  return url.href;
}
