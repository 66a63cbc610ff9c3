import { check, oneOf, show } from './dictionary.js';

const text = (given) => `${given}`;

/** What only `fetch` can serve. */
export const FETCH = {
  method: text,
  headers,
  body: (given) => given,
  credentials: oneOf('omit', 'same-origin', 'include'),
  mode: oneOf('cors', 'same-origin'),
  cache: oneOf('default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'),
  redirect: oneOf('follow', 'error'),
  referrerPolicy: oneOf('', 'no-referrer', 'no-referrer-when-downgrade', 'origin', 'origin-when-cross-origin', 'same-origin',
    'strict-origin', 'strict-origin-when-cross-origin', 'unsafe-url'),
  resend: oneOf(true, false, 'before-open'),
  resume,
  fetch: fetchBy,
  maxMessageSize: check('must be a whole number from 1, such as 16777216', (given) => Number.isInteger(given) && given >= 1),
};

/** What the browser's own object does in place of that, where there is something to say. */
const INSTEAD = {
  method: 'it always sends GET',
  headers: 'it sends none of a script\'s; what a header would say can go into the URL or a cookie',
  body: 'it sends none',
  credentials: 'withCredentials: true is its \'include\'',
};

/** Takes what only `fetch` can serve out of the options; throws where something of that is there, and the transport is another. */
export function takeRequest(caller, read, fetches) {
  const request = {};
  for (const name of Object.keys(FETCH)) {
    if (!(name in read)) continue;
    if (!fetches) {
      const instead = INSTEAD[name] === undefined ? '' : `: ${INSTEAD[name]}`;
      throw new TypeError(`${caller}: ${name} needs transport: 'fetch'; the browser's own EventSource can't do that${instead}`);
    }
    request[name] = read[name];
    delete read[name];
  }
  return request;
}

/** Has the browser say what it would refuse to send: before there is a connection, and before the WebAssembly is there. */
export function checkRequest(caller, url, { fetch }) {
  if (fetch === undefined) return;
  const { headers: _, resend, resume: __, fetch: ___, response, maxMessageSize, ...request } = fetch;
  if (Object.prototype.toString.call(request.body) === '[object ReadableStream]') {
    throw new TypeError(`${caller}: a ReadableStream can't be sent a second time; use a string, a Blob or a buffer as the body`);
  }
  try {
    new Request(url, request);
  } catch (cause) {
    throw new TypeError(`${caller}: the browser refuses to make this request: ${cause.message}`, { cause });
  }
}

/** Whether a response can be read: of any realm, or a library's own. */
export function checkResponse(caller, response) {
  if (typeof response?.status !== 'number' || typeof response.headers?.get !== 'function') {
    throw new TypeError(`${caller}: the first argument must be a Response, such as fetch() promises, not ${show(response)}`);
  }
  if (response.bodyUsed || response.body?.locked) {
    throw new TypeError(`${caller}: the response's body has already been read, or is being read; use one that has not, or a clone() of it`);
  }
}

/** Pairs, or a function that promises them; `Headers` itself says what is wrong with a name or a value. */
function headers(given) {
  const pairs = (from) => [...new Headers(from)];
  return typeof given === 'function' ? async (context) => pairs(await given(context)) : pairs(given);
}

function resume(given, wrong, caller) {
  if (typeof given !== 'function') throw wrong('must be a function of { lastEventId, response } that returns a request, such as () => `/chat/${id}/stream`');
  return async ({ lastEventId, response }) => {
    const seen = response && Object.freeze({ ...response, headers: new Headers(response.headers) });
    const request = (await given({ lastEventId, response: seen })) ?? null;
    if (request === null) return null;
    if (typeof request === 'string' || request instanceof URL) return [`${request}`, 'GET', [], null];
    if (typeof request !== 'object') {
      throw new TypeError(`${caller}: what resume returns must be a URL, an object such as { url, method, headers, body }, or null, not ${show(request)}`);
    }
    const { url, method = 'GET', headers: own, body } = request;
    return [url === undefined ? null : `${url}`, `${method}`, own === undefined ? [] : [...new Headers(own)], body];
  };
}

/** As interceptors expect it: the headers are a plain object, which they can spread. */
function fetchBy(given, wrong) {
  if (typeof given !== 'function') throw wrong('must be a function with the arguments of the global fetch');
  return async (url, init) => given(url, { ...init, headers: Object.fromEntries(init.headers) });
}
