// A client as the suite uses it, wherever it runs, and one in a process of its own (host.js).

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const HOST = fileURLToPath(new URL('host.js', import.meta.url));
const PATIENCE = 30_000;

/** Starts one: `kind` is `file`, with the path of an adapter, or `command`. */
export function startClient(kind, given) {
  // Fetch of Node 20 warns of nothing here, undici's EventSource that it is new.
  const process_ = fork(HOST, [kind, given], { execArgv: ['--no-warnings'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return connect(given, {
    send: (order) => { if (process_.connected) process_.send(order); },
    hear: (listener) => process_.on('message', listener),
    ended: new Promise((resolve) => { process_.on('exit', (code, signal) => resolve(`its process ended with ${code ?? signal}`)); }),
    stop: () => process_.kill('SIGKILL'),
  });
}

/**
 * Waits until the client at the other end of a channel is ready. A channel has `send` for orders, `hear` for what the client tells,
 * `stop`, and `ended`, a promise of the reason.
 */
export async function connect(given, { send, hear, ended, stop }) {
  const listeners = new Map();
  const uncaught = [];
  let over;
  const ready = await new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      stop();
      reject(new Error(`the client ${given} was not ready within ${PATIENCE / 1000} s`));
    }, PATIENCE);
    hear((told) => {
      if (told.ready !== undefined) {
        clearTimeout(late);
        resolve(told.ready);
      } else if (told.uncaught !== undefined) {
        uncaught.push(told.uncaught);
        // Before it is ready there is nobody else to tell.
        reject(new Error(`the client ${given} did not start: ${told.uncaught}`));
      } else {
        listeners.get(told.id)?.(told);
      }
    });
    ended.then((reason) => {
      over = reason;
      clearTimeout(late);
      reject(new Error(`the client ${given} ended before it was ready: ${reason}`));
      for (const listener of listeners.values()) listener({ closed: reason });
    });
  });
  return {
    ...ready,
    uncaught,
    open(id, url, listener) {
      listeners.set(id, listener);
      if (over === undefined) send({ open: id, url });
      else listener({ closed: over });
    },
    close(id) {
      listeners.delete(id);
      send({ close: id });
    },
    stop,
  };
}
