// https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model

import { here, other } from '../harness.js';
import { reads } from './observe.js';

const stream = 't0=0&data=n&count=2&interval=0';
const events = (query) => async () => `${here}/events?${stream}&${query}`;
const mime = (type) => reads(`Content-Type: ${type || 'none'}`, events(`mime=${encodeURIComponent(type)}`));
const to = (target, status) => events(`status=${status}&location=${encodeURIComponent(target)}`);

// A network error, after which the Standard reconnects.
const closed = 'its own object gives up for good';
const closedByFirefox = { fetch: { Firefox: closed } };
const closedByTwo = { fetch: { Firefox: closed, Safari: closed } };

export const cases = [
  ...[200, 201, 202, 203, 204, 205, 206, 300, 304, 400, 401, 403, 404, 410, 418, 500, 502, 503].map((status) => reads(
    `status ${status}`,
    events(`status=${status}`),
    status === 200 ? 'open message message error' : undefined,
  )),
  mime('text/event-stream'),
  mime('text/event-stream;charset=utf-8'),
  { ...mime('text/event-stream; charset=iso-8859-1'), differs: { fetch: { Chrome: 'its own object refuses it, which the Standard does not' } } },
  mime('text/event-stream;'),
  mime('TEXT/Event-Stream'),
  mime(' text/event-stream'),
  mime('text/event-streams'),
  mime('text/plain'),
  mime('application/json'),
  mime('x-unknown/text/event-stream'),
  mime(''),
  reads('a late answer', events('delay-headers=200ms'), 'open message message error'),
  ...[301, 302, 303, 307, 308].map((status) => reads(`redirect ${status}`, to(`/events?${stream}`, status), 'open message message error')),
  reads('a redirect without Location', events('status=302'), 'error'),
  { ...reads('a redirect to nothing', events('status=302&location='), undefined), differs: closedByFirefox, impossible: { Safari: 'its own object tells nothing, ever' } },
  { ...reads('a redirect without end', events('location=loop'), 'error'), differs: closedByTwo },
  reads('a redirect to 404', to('/nowhere', 302), 'error'),
  reads('a redirect to another origin that allows it', to(`${other}/events?${stream}&cors=on`, 302), 'open message message error'),
  reads('a redirect to another origin that does not', to(`${other}/events?${stream}&cors=off`, 302), 'error'),
];
