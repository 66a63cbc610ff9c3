// eventsource-wasm from Rust: ../../contenders/rust.

async function load() {
  const rust = await import('/pkg/rust/bench_rust.js');
  const { memory } = await rust.default();
  return { rust, memory };
}

/** `MessageList` over a transport. */
export async function list(transport) {
  const { rust, memory } = await load();
  return {
    memory,
    lists: true,
    keeps: 1000,
    start({ url, list }) {
      const shown = rust.show(url, transport, list);
      return () => shown.close();
    },
  };
}

/** A subscriber over a transport, which asks for the data or leaves it where it is. */
export async function subscriber(transport, reads) {
  const { rust, memory } = await load();
  return {
    memory,
    start({ url, count, every, tell }) {
      rust.read(url, transport, count, every, reads, tell);
      // It ends by itself after the last message.
      return () => {};
    },
  };
}

/** A callback, or a reader of batches, over a transport. */
export async function reader(how, transport, reads) {
  const { rust, memory } = await load();
  return {
    memory,
    start({ url, count, every, tell }) {
      rust[how](url, transport, count, every, reads, tell);
      // It ends by itself after the last message.
      return () => {};
    },
  };
}
