// Where the page is, and which stream its address names.

/** The folder that the page belongs to, whatever path it was served at. */
export const home = new URL('../', import.meta.url);

/** The dev server's streams, which it shows this page for when their URL is typed into the address bar. */
const STREAMS = /^\/(events|echo|raw\/.+|through\/.+)$/;

/** The stream's URL that was typed into the address bar; `null` where the page is at an address of its own. */
export function typedStream(location) {
  return STREAMS.test(location.pathname) ? location.pathname + location.search : null;
}

const hint = 'Try /events, or https://example.com/events.';

/** The address as it will be asked for, or an error that says what to write instead. */
export function parse(text) {
  if (text === '') throw new Error(`An address is needed. ${hint}`);
  let url;
  try {
    url = new URL(text, document.baseURI);
  } catch {
    throw new Error(`“${text}” is not an address. ${hint}`);
  }
  if (!/^https?:$/.test(url.protocol)) throw new Error(`A stream comes over http or https, not ${url.protocol} ${hint}`);
  return url.href;
}
