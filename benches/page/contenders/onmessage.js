// A handler that does nothing but count, on whatever has the interface of the browser's EventSource.

export const onmessage = (open) => ({
  start({ url, every, tell }) {
    const source = open(url);
    let seen = 0;
    source.onmessage = (event) => {
      if (++seen % every === 0) tell(event.data);
    };
    return () => source.close();
  },
});
