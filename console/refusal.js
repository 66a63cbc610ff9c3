// Finds out why a server refused a stream, which browsers don't tell an EventSource.

import { sentence } from './dom.js';

const ENOUGH = 4096;
const PATIENCE = 5000;

/**
 * Requests the URL once more and returns a sentence that says why there is no stream, or `''` if that can't be found out. `signal`
 * aborts it.
 *
 * Because this is one more request, URLs that count attempts are left alone.
 */
export async function whyRefused(url, { withCredentials = false, signal } = {}) {
  if (new URL(url).searchParams.has('token')) return '';
  const limit = AbortSignal.any ? AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]) : signal;
  const init = { credentials: withCredentials ? 'include' : 'same-origin', cache: 'no-store', signal: limit };
  let response;
  try {
    response = await fetch(url, { ...init, headers: { Accept: 'text/event-stream' } });
  } catch {
    return signal.aborted ? '' : await unreadable(url, init);
  }
  try {
    const type = response.headers.get('content-type') ?? 'no Content-Type';
    if (response.ok && type.startsWith('text/event-stream')) return '';
    const said = lineOf(type, await beginning(response));
    return `The server answers ${response.status}${said === '' ? ` (${type}).` : `: ${sentence(said)}`}`;
  } catch {
    return '';
  } finally {
    response.body?.cancel().catch(() => {});
  }
}

/** If the response can't be read: tells a server that can't be reached from one that does not let this page read. */
async function unreadable(url, init) {
  if (new URL(url).origin === location.origin) return '';
  try {
    await fetch(url, { ...init, mode: 'no-cors' });
  } catch {
    return '';
  }
  return `The server can be reached, but does not let pages of ${location.origin} read its response: it has to send `
    + `Access-Control-Allow-Origin (the dev server does when it is started with --allow-origin ${location.origin}).`;
}

/** The first line of a text; `''` for an HTML page. */
function lineOf(type, text) {
  if (/html/i.test(type)) return '';
  return text.trim().split('\n', 1)[0].slice(0, 500);
}

async function beginning(response) {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const decoder = new TextDecoder();
  let text = '';
  try {
    while (text.length < ENOUGH) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    reader.releaseLock();
  }
  return text;
}
