// https://html.spec.whatwg.org/multipage/server-sent-events.html#reestablish-the-connection

import { connections, here, script, token } from '../harness.js';
import { reads } from './observe.js';

const stream = 'retry=1&t0=0&data=n&interval=0&heartbeat=off';
const planned = (plan) => async () => `${here}/events?${stream}&token=${token()}&plan=${plan}`;

/** Has the server break the connection when so many messages are through: a browser may lose what it has not read by then. */
const breaksAfter = (count, end) => (source, event, rows) => {
  if (event?.type === 'message' && rows.filter(({ type }) => type === 'message').length === count) void breakOff(source.url, end);
};

async function breakOff(url, end) {
  const { pathname, searchParams } = new URL(url);
  const [{ id }] = await connections(searchParams.get('token') ?? pathname);
  await fetch(`${here}/connections/${id}?end=${end}`, { method: 'DELETE' });
}

const closed = (rows, source) => source.readyState === 2;

export const cases = [
  reads('after an end, with the last id, until 204', planned('200:drop=2,200:drop=1,204'), 'open message message error open message error error', { ends: closed }),
  reads('after a reset, until 503', planned('200:drop=2:end=stall,503'), 'open message message error error', { ends: closed, act: breaksAfter(2, 'reset') }),
  reads('after an abort, until 204', () => script(['retry: 1\ndata: 1\n\n', { end: 'stall' }]), 'open message error error', { ends: closed, act: breaksAfter(1, 'abort') }),
  reads('until a wrong type', planned('200:drop=1,200:mime=text/plain'), 'open message error error', { ends: closed }),
  reads('without an id', async () => `${here}/events?${stream}&id=none&token=${token()}&plan=200:drop=2,200:drop=1,204`, undefined, { ends: closed }),
  reads('the id goes in a header', async () => `${here}/echo?retry=1&t0=0&token=${token()}&plan=200,200,204`, undefined, {
    ends: closed,
    read: (data) => JSON.parse(data).lastEventId ?? null,
  }),
  // Firefox gives up on another origin, Chromium tries on.
  {
    ...reads('a refused connection', async () => (await (await fetch('/refused')).text()).trim(), undefined, {
      ends: (rows, source) => source.readyState === 2 || rows.length === 2,
    }),
    differs: { fetch: { Firefox: 'its own object gives up on another origin for good' } },
  },
];
