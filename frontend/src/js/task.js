let channel;
const waiting = [];

/** Resolves in a task of its own, with all microtasks before it done; timers would be throttled to 4 ms. */
export function nextTask() {
  if (channel === undefined) {
    channel = new MessageChannel();
    channel.port1.onmessage = () => waiting.shift()();
    // In Node a port that listens keeps the program running.
    channel.port1.unref?.();
  }
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}
