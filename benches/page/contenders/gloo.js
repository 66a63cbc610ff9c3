// A program with gloo-net: ../../contenders/gloo.

export default async () => {
  const gloo = await import('/pkg/gloo/bench_gloo.js');
  const { memory } = await gloo.default();
  return {
    memory,
    start({ url, count, every, tell }) {
      gloo.read(url, count, every, tell);
      // It ends by itself after the last message.
      return () => {};
    },
  };
};
