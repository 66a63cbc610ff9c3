import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Starts a dev server for a folder with a package, and gives its origin. */
export function startServer(folder, running) {
  return start(running, process.env.DEV_SERVER, ['--port', '0', '--no-build', '--no-watch'], { cwd: folder });
}

/** Starts the servers of tests/answers, whose packages have been installed, and gives their origin. */
export function startAnswers(running) {
  return start(running, process.execPath, [fileURLToPath(new URL('../answers/server.js', import.meta.url))]);
}

/** Starts a program that prints its address first. */
async function start(running, program, args, options) {
  const process_ = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  running.push(() => process_.kill());
  const [line] = await Promise.race([
    once(createInterface(process_.stdout), 'line'),
    once(process_, 'close').then(() => { throw new Error(`${program} ${args.join(' ')} ended before it told its address`); }),
  ]);
  return new URL(line.match(/http:\S+/)[0]).origin;
}
