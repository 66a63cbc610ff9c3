import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Starts a dev server for a folder with a package, and gives its origin. */
export async function startServer(folder, running) {
  const process_ = spawn(process.env.DEV_SERVER, ['--port', '0', '--no-build', '--no-watch'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(() => process_.kill());
  const [line] = await once(createInterface(process_.stdout), 'line');
  return new URL(line.match(/http:\S+/)[0]).origin;
}
