// fetch with npm's eventsource-parser.

import { createParser } from 'eventsource-parser';

export default async () => ({
  start({ url, every, tell, fail }) {
    const abort = new AbortController();
    let seen = 0;
    const parser = createParser({
      onEvent(event) {
        if (++seen % every === 0) tell(event.data);
      },
    });
    // An aborted fetch is how it stops.
    read(url, abort.signal, parser).catch((error) => abort.signal.aborted || fail(error));
    return () => abort.abort();
  },
});

async function read(url, signal, parser) {
  const response = await fetch(url, { signal, cache: 'no-store', headers: { accept: 'text/event-stream' } });
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    parser.feed(decoder.decode(value, { stream: true }));
  }
}
