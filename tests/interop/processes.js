// The servers as processes: each on a port of its own, killed at once and started again there.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePort } from '../js/free_port.js';

const PATIENCE = 20_000;
const here = (file) => fileURLToPath(new URL(file, import.meta.url));

export const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/** Waits until something holds; fails after a while. */
export async function until(what, holds) {
  const end = Date.now() + PATIENCE;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await pause(20);
  }
}

const listens = (port) => new Promise((resolve) => {
  const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
  socket.on('error', () => resolve(false));
});

class Server {
  constructor(name, port, program, args) {
    Object.assign(this, { name, port, program, args });
    this.origin = `http://127.0.0.1:${port}`;
  }

  async start() {
    if (this.process !== undefined) return;
    const process_ = spawn(this.program, this.args, { stdio: ['ignore', 'ignore', 'inherit'] });
    let failure;
    this.process = process_;
    this.ended = new Promise((resolve) => {
      process_.on('error', (error) => { failure = error; resolve(); });
      process_.on('exit', (code, signal) => { failure = new Error(`it ended: ${code ?? signal}`); resolve(); });
    });
    await until(`${this.name} listens`, async () => {
      if (failure !== undefined) throw new Error(`${this.name} (${this.program} ${this.args.join(' ')}) did not start: ${failure.message}`);
      return listens(this.port);
    });
  }

  /** Ends it without a chance to say goodbye. */
  async kill() {
    this.process?.kill('SIGKILL');
    await this.ended;
    this.process = undefined;
  }
}

/** Starts all, with their files in a folder, and gives them by their names. */
export async function startAll(folder, { modules, plain }, running) {
  const servers = {};
  const add = async (name, program, args) => {
    const port = await freePort();
    const server = new Server(name, port, program, (await args(port)).map(String));
    servers[name] = server;
    running.push(() => server.kill());
    await server.start();
    return server;
  };
  // What it has acknowledged survives its being killed: it is in a file by then.
  const redis = await add('redis', 'redis-server', (port) => [
    '--port', port, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes', '--logfile', join(folder, 'redis.log'),
  ]);
  const template = await readFile(here('nginx.conf.template'), 'utf8');
  for (const name of ['nchan1', 'nchan2']) {
    await add(name, 'nginx', async (port) => {
      const own = join(folder, name);
      const values = { MODULES: modules, FOLDER: own, REDIS_PORT: redis.port, PORT: port };
      await mkdir(own);
      await writeFile(join(own, 'nginx.conf'), template.replaceAll(/\$([A-Z_]+)/g, (_, key) => values[key]));
      return ['-p', own, '-e', join(own, 'error.log'), '-c', join(own, 'nginx.conf')];
    });
  }
  for (const name of ['better-sse', 'graphql-sse', 'mcp']) {
    await add(name, process.execPath, (port) => [here(`${name}.js`), port, join(folder, 'events')]);
  }
  await add('axum', plain, (port) => [port]);
  return servers;
}
