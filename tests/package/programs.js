// The examples' servers: started, and listened to.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Waits for a condition; says what it waited for, and what there was. */
export async function until(what, condition, shown = () => '') {
  const patience = performance.now() + 30_000;
  while (!await condition()) {
    if (performance.now() > patience) throw new Error(`it did not come about that ${what}: ${JSON.stringify(await shown())}`);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

/** Starts a program that tells its address when it listens; gives that, the lines that it tells, and what ends it. */
export async function start(folder, given, { env = {}, url: known } = {}) {
  const program = spawn(process.execPath, given, {
    cwd: folder,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', HOST: '127.0.0.1', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = [];
  createInterface(program.stdout).on('line', (line) => lines.push(line));
  const stop = async () => {
    if (program.exitCode !== null || !program.kill()) return;
    await once(program, 'exit');
  };
  const answers = async () => {
    if (program.exitCode !== null) throw new Error(`${given} ended with ${program.exitCode}: ${lines.join('\n')}`);
    return known === undefined ? lines.some((line) => line.startsWith('http:')) : fetch(known).then(({ ok }) => ok, () => false);
  };
  try {
    await until('the server listens', answers, () => lines);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: known ?? lines.find((line) => line.startsWith('http:')), lines, stop };
}
