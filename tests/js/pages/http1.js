// What HTTP/2 is for: over HTTP/1.1 a browser opens six connections to a server, for all its tabs together.

import { next, other, same, test, token, until } from './harness.js';

const MOST = 6;

test(`over HTTP/1.1 the source after ${MOST} waits until another is closed`, async () => {
  // Of the other server, so that the page keeps a connection to its own.
  const url = `${other}/events?interval=20ms&token=${token()}`;
  const sources = Array.from({ length: MOST + 1 }, () => new EventSource(url));
  const heard = sources.map(() => 0);
  sources.forEach((source, n) => source.addEventListener('message', () => { heard[n] += 1; }));
  const open = () => sources.filter((source) => source.readyState === EventSource.OPEN);
  // By their tenth messages an answer to the last would long be there.
  await until(`${MOST} go on`, () => heard.filter((messages) => messages >= 10).length >= MOST);
  same([open().length, heard.filter((messages) => messages === 0).length], [MOST, 1]);
  const last = sources[heard.indexOf(0)];
  const opened = next(last, 'open');
  open()[0].close();
  await opened;
  for (const source of sources) source.close();
});
