import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Starts a dev server for a folder with a package, and gives its origin. */
export async function startServer(folder, running) {
  return (await startStoppable(folder, running)).origin;
}

/** Starts one that serves HTTPS, and so HTTP/2, with a certificate that nobody vouches for. */
export function startSecure(folder, running) {
  return start(running, process.env.DEV_SERVER, ['--port', '0', '--no-build', '--no-watch', '-q', '--tls'], { cwd: folder });
}

/** Starts one that can be stopped and started again at the same port. */
export async function startStoppable(folder, running) {
  const own = [];
  running.push(async () => {
    for (const stop of own) await stop();
  });
  const origin = await start(own, process.env.DEV_SERVER, ['--port', '0', '--no-build', '--no-watch', '-q'], { cwd: folder });
  return {
    origin,
    /** Stops it, and starts another there. */
    async restart() {
      const [stop] = own.splice(0);
      await stop();
      await start(own, process.env.DEV_SERVER, ['--port', new URL(origin).port, '--no-build', '--no-watch', '-q'], { cwd: folder });
    },
  };
}

/** Starts the servers of tests/answers, whose packages have been installed, and gives their origin. */
export function startAnswers(running) {
  return start(running, process.execPath, [fileURLToPath(new URL('../answers/server.js', import.meta.url))]);
}

/** Starts a program that prints its address first. */
async function start(running, program, args, options) {
  const process_ = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(process_, 'close');
  running.push(async () => {
    process_.kill();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      process_.kill('SIGKILL');
    }, 30_000);
    await ended;
    clearTimeout(timer);
    if (late) throw new Error(`${program} ${args.join(' ')} did not end when it was told to`);
  });
  const [line] = await Promise.race([
    once(createInterface(process_.stdout), 'line'),
    ended.then(() => { throw new Error(`${program} ${args.join(' ')} ended before it told its address`); }),
  ]);
  return new URL(line.match(/https?:\S+/)[0]).origin;
}
