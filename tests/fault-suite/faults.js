// The faults, as plain data: what a client asks for, and what it must have seen at the end.
//
//   name     what happens
//   group    why a client should go on; see GROUPS
//   query    the parameters of /events, those of `base` besides
//   expect   the data of the messages in their order; `gap` stands for a message of that type
//   stops    after so many requests the client must not ask again
//   waits    no connection may follow the one before it sooner than after so many milliseconds
//   server   `late`: nobody listens at first; `restarted`: the server is stopped in mid-run and started again
//   limit    how long it may take, in milliseconds

export const GROUPS = {
  plain: 'Nothing goes wrong',
  bytes: 'Bytes that the Standard has an answer for',
  breaks: 'Connections that end: the Standard reconnects',
  answers: 'Answers that are no stream: the Standard gives up, a service in the middle of a deploy comes back',
  silence: 'Silence: the Standard waits for ever',
  server: 'What a server asks for, has forgotten and repeats',
};

const COUNT = 12;
const upTo = (count, data = String) => Array.from({ length: count }, (_, n) => data(n));
const all = upTo(COUNT);
/** `{id}` and `{n}` are the event's own. Not each client takes a `retry:` in a block of its own: there is a fault for that. */
const MESSAGE = 'retry: 50\nid: {id}\ndata: {n}\n\n';
const base = { t0: '0', interval: '0', count: String(COUNT), message: MESSAGE };
/** In place of raw messages the server's own. */
const own = { message: undefined, data: 'n' };

/** One attempt of a plan. What is in its values is encoded once more than the query. */
const attempt = (status, params = {}) => [status, ...Object.entries(params).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)].join(':');
const plan = (...attempts) => ({ plan: attempts.map((given) => (Array.isArray(given) ? attempt(...given) : attempt(given))).join(',') });
const turns = (count, ...attempts) => plan(...Array.from({ length: count }, (_, n) => attempts[n % attempts.length]), 200);

const three = [200, { drop: '3' }];
/** With pauses: whoever gets the malformed chunk in one read with the one before it may see neither. */
const malformed = [200, { chunks: 'malformed' }];
const dots = '.'.repeat(40);
const long = { message: `retry: 50\nid: {id}\ndata: {n} ${dots}\n\n`, 'limit-data': '110' };
const filled = (size) => (n) => `${n} `.padEnd(size, '.');

export const faults = [
  { group: 'plain', name: 'no fault' },
  { group: 'plain', name: 'comments between the events', query: { interval: '30ms', heartbeat: '10ms', 'heartbeat-mode': 'fixed', drop: '4' } },
  { group: 'plain', name: 'three messages of 4 MiB, each on a connection of its own', query: { ...own, count: '3', size: '4MiB', drop: '1' }, expect: upTo(3, filled(1 << 22)), limit: 15_000 },

  { group: 'bytes', name: 'one byte at a time', query: { 'chunk-size': '1', 'chunk-delay': '1ms', drop: '4' } },
  { group: 'bytes', name: 'cut inside of characters', query: { message: 'retry: 50\nid: {id}\ndata: {n} €😀\n\n', split: 'utf8', 'chunk-delay': '2ms', drop: '4' }, expect: upTo(COUNT, (n) => `${n} €😀`) },
  { group: 'bytes', name: 'lines end with CR LF, cut between the two', query: { message: MESSAGE.replaceAll('\n', '\r\n'), split: 'crlf', 'chunk-delay': '2ms', drop: '4' } },
  { group: 'bytes', name: 'lines end with CR', query: { message: MESSAGE.replaceAll('\n', '\r'), drop: '4' } },
  { group: 'bytes', name: 'lines end with any of the three', query: { message: 'retry: 50\r\nid: {id}\rdata: {n}\n\r', drop: '4' } },
  { group: 'bytes', name: 'a byte order mark on each connection', query: { bom: '1', message: 'data: {n}\nretry: 50\nid: {id}\n\n', drop: '4' } },
  { group: 'bytes', name: 'bytes that are no UTF-8', query: { message: 'retry: 50\nid: {id}\ndata: {n}\xff\n\n', drop: '4' }, latin1: true, expect: upTo(COUNT, (n) => `${n}\ufffd`) },
  { group: 'bytes', name: 'a comment with an empty line after it', query: { message: `:\n\n${MESSAGE}`, drop: '4' } },
  { group: 'bytes', name: 'a `retry:` in a block of its own', query: { ...own, retry: '50ms', drop: '4' } },
  { group: 'bytes', name: 'data of several lines, fields unknown or without a colon', query: { message: 'foo: 1\nretry: 50\nid: {id}\ndata: {n}\ndata\ndata:  x\nDATA: no\n\n', drop: '4' }, expect: upTo(COUNT, (n) => `${n}\n\n x`) },
  { group: 'bytes', name: 'an `id:` with NUL, which is to be ignored', query: { message: 'retry: 50\nid: {id}\nid: a\0b\ndata: {n}\n\n', drop: '4' } },
  { group: 'bytes', name: 'an `id:` in a block without data', query: { message: 'retry: 50\ndata: {n}\n\nid: {id}\n\n', drop: '4' } },
  { group: 'bytes', name: 'an empty `id:`, which takes the last one back', query: plan([200, { drop: '3', message: 'retry: 50\nid: x{n}\ndata: {n}\n\nid:\n\n' }], 200), expect: [...upTo(3), ...all] },
  { group: 'bytes', name: 'a `retry:` that is no number', query: { message: 'retry: 50\nretry: 99999x\nid: {id}\ndata: {n}\n\n', drop: '4' } },
  { group: 'bytes', name: 'the last message of a connection lacks its empty line', query: { ...own, newline: 'unfinished', drop: '7', count: '13' } },

  { group: 'breaks', name: 'clean end', query: { drop: '3' } },
  { group: 'breaks', name: 'broken off between chunks', query: { drop: '3', end: 'abort' } },
  { group: 'breaks', name: 'reset (RST)', query: { drop: '3', end: 'reset' } },
  { group: 'breaks', name: 'clean end inside of a message', query: long, expect: upTo(COUNT, (n) => `${n} ${dots}`) },
  { group: 'breaks', name: 'reset inside of a message', query: { ...long, end: 'reset' }, expect: upTo(COUNT, (n) => `${n} ${dots}`) },
  { group: 'breaks', name: 'malformed chunks', query: { interval: '100ms', ...plan(malformed, malformed, malformed, 200) } },
  { group: 'breaks', name: 'less than Content-Length says', query: { drop: '3', 'content-length': '1KiB' } },
  { group: 'breaks', name: 'no answer, once', query: plan(three, ['none', { end: 'reset' }], 200) },
  { group: 'breaks', name: 'no answer to the first request', query: plan(['none', { end: 'reset' }], 200) },
  { group: 'breaks', name: 'refused for a second at the start', server: 'late' },
  { group: 'breaks', name: 'the server is stopped in mid-run, and back after a second', server: 'restarted', query: { interval: '50ms', count: '40' }, expect: upTo(40) },
  { group: 'breaks', name: 'a redirect in mid-run', query: plan(three, [307, { location: 'TARGET' }]) },
  { group: 'breaks', name: '20 breaks: ends, aborts and resets', query: { ...turns(20, [200, { drop: '5' }], [200, { drop: '5', end: 'abort' }], [200, { drop: '5', end: 'reset' }]), count: '105' }, expect: upTo(105), limit: 20_000 },

  { group: 'answers', name: '500, once', query: plan(three, 500, 200) },
  { group: 'answers', name: '500 to the first request', query: plan(500, 200) },
  { group: 'answers', name: '503 with Retry-After: 1', query: plan(three, [503, { 'retry-after': '1' }], 200), waits: 1000 },
  { group: 'answers', name: '429, once', query: plan(three, 429, 200) },
  { group: 'answers', name: 'a page of HTML, once', query: plan(three, [200, { mime: 'text/html', message: '<html>no stream</html>' }], 200) },
  { group: 'answers', name: '24 breaks: resets, no answers, 503 and HTML', query: { ...turns(24, [200, { drop: '5', end: 'reset' }], ['none', { end: 'reset' }], [200, { drop: '5', end: 'abort' }], 503, [200, { drop: '5' }], [200, { mime: 'text/html' }]), count: '65' }, expect: upTo(65), limit: 20_000 },

  { group: 'silence', name: 'a stream falls silent', query: plan([200, { drop: '3', end: 'stall' }], 200) },
  { group: 'silence', name: 'an answer takes a second', query: { 'delay-headers': '1s', drop: '6' } },
  { group: 'silence', name: 'an answer never comes', query: plan(three, [200, { 'delay-headers': '5m' }], 200) },

  { group: 'server', name: '204: ask no more', query: plan(three, 204), expect: upTo(3), stops: 2 },
  { group: 'server', name: '404: it is gone', query: plan(three, 404), expect: upTo(3), stops: 2 },
  { group: 'server', name: '`retry: 800`', query: { message: MESSAGE.replace('50', '800'), drop: '6' }, waits: 800 },
  { group: 'server', name: 'an id that the server no longer has: a `gap` event says so', query: plan([200, { drop: '3', message: 'retry: 50\nid: old\ndata: {n}\n\n' }], 200), expect: [...upTo(3), 'gap', ...all] },
  { group: 'server', name: 'what was sent before the break comes again', query: plan([200, { drop: '3', message: `${MESSAGE}id: 0-0\n\n` }], 200) },
].map(({ expect = all, limit = 10_000, query = {}, server = 'main', ...fault }) => ({ ...fault, query, expect, limit, server }));

/** The URL of a fault, for one client: `token` has the server count its connections, and the log tell whose they are. */
export function url(origin, { query, latin1 }, token) {
  // First, as the log shortens long URLs.
  const params = { token, ...base, ...query };
  if (params.plan?.includes('TARGET')) {
    const target = `/events?${encode({ ...base, token: `${token}.redirected` })}`;
    params.plan = params.plan.replace('TARGET', encodeURIComponent(target));
  }
  return `${origin}/events?${encode(params, latin1)}`;
}

/** Percent-encoded, as bytes where it is no UTF-8. */
function encode(params, latin1) {
  const escape = latin1 ? (text) => text.replace(/[^\w.-]/g, (letter) => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`) : encodeURIComponent;
  return Object.entries(params).filter(([, value]) => value !== undefined).map(([name, value]) => `${name}=${escape(value)}`).join('&');
}
