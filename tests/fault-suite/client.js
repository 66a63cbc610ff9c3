// A client in a process of its own (host.js), as the suite uses it.

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const HOST = fileURLToPath(new URL('host.js', import.meta.url));
const PATIENCE = 30_000;

/** Starts one: `kind` is `file`, with the path of an adapter, or `command`. */
export async function startClient(kind, given) {
  // Fetch of Node 20 warns of nothing here, undici's EventSource that it is new.
  const process_ = fork(HOST, [kind, given], { execArgv: ['--no-warnings'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const listeners = new Map();
  const uncaught = [];
  const ready = await new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      process_.kill('SIGKILL');
      reject(new Error(`the client ${given} was not ready within ${PATIENCE / 1000} s`));
    }, PATIENCE);
    process_.on('message', (told) => {
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
    process_.on('exit', (code, signal) => {
      clearTimeout(late);
      reject(new Error(`the client ${given} ended before it was ready`));
      for (const listener of listeners.values()) listener({ closed: `its process ended with ${code ?? signal}` });
    });
  });
  const send = (what) => { if (process_.connected) process_.send(what); };
  return {
    ...ready,
    uncaught,
    open(id, url, listener) {
      listeners.set(id, listener);
      if (process_.connected) send({ open: id, url });
      else listener({ closed: 'its process has ended' });
    },
    close(id) {
      listeners.delete(id);
      send({ close: id });
    },
    stop: () => process_.kill('SIGKILL'),
  };
}
