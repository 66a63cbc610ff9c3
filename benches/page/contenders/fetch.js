// fetch, and nothing done with the bytes: the floor of that API.

export default async () => ({
  start({ url, finish, fail }) {
    const abort = new AbortController();
    discard(url, abort.signal).then(finish, fail);
    return () => abort.abort();
  },
});

async function discard(url, signal) {
  const response = await fetch(url, { signal, cache: 'no-store', headers: { accept: 'text/event-stream' } });
  const reader = response.body.getReader();
  while (!(await reader.read()).done);
}
