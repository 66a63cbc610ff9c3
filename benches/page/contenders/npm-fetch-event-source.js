import { fetchEventSource } from '@microsoft/fetch-event-source';

export default async () => ({
  start({ url, every, tell, fail }) {
    const abort = new AbortController();
    let seen = 0;
    fetchEventSource(url, {
      signal: abort.signal,
      openWhenHidden: true,
      onmessage(event) {
        if (++seen % every === 0) tell(event.data);
      },
      onerror(error) {
        // Thrown, it ends the stream; else it would be opened again.
        throw error;
      },
    }).catch(fail);
    return () => abort.abort();
  },
});
