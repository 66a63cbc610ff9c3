// A client's sources, opened and closed as the suite orders it: in a process (host.js), or in a page (page/page.js).

/** Gives a function for orders, `{ open, url }` or `{ close }`, and one that closes all. `tell` is given what the sources see. */
export function holdSources(client, tell) {
  const sources = new Map();
  return {
    order({ open, close, url }) {
      if (close !== undefined) {
        sources.get(close)?.();
        sources.delete(close);
        return;
      }
      try {
        sources.set(open, client.open(url, {
          message: ({ type, data }) => tell({ id: open, message: { type, data } }),
          closed: (reason) => tell({ id: open, closed: reason ?? '' }),
        }));
      } catch (error) {
        tell({ id: open, closed: String(error) });
      }
    },
    closeAll() {
      for (const stop of sources.values()) stop();
    },
  };
}
