// A client that is a program: it is given the URL as its last argument, prints each message as a line of JSON
// (`{"data":"0"}`, and the type if it has one: `{"type":"gap","data":"…"}`), and ends when it gives up.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export const byCommand = (command) => ({
  from: command,
  open(url, { message, closed }) {
    // In a group of its own, to be ended with what it has started.
    const program = spawn('/bin/sh', ['-c', `${command} "$1"`, 'sh', url], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface(program.stdout).on('line', (line) => {
      try {
        message(JSON.parse(line));
      } catch (error) {
        message({ data: `no JSON: ${line} (${error.message})` });
      }
    });
    program.on('error', (error) => closed(error.message));
    program.on('close', (code, signal) => closed(`it ended with ${code ?? signal}`));
    return () => {
      try {
        process.kill(-program.pid, 'SIGKILL');
      } catch { /* it has ended */ }
    };
  },
});
