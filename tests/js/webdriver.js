import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const DRIVERS = {
  firefox: {
    program: process.env.GECKODRIVER ?? 'geckodriver',
    // The last lets the browser itself be told to collect garbage.
    arguments: ['--port=0', '--websocket-port=0', '--allow-system-access'],
    listens: /Listening on 127\.0\.0\.1:(\d+)/,
    options: 'moz:firefoxOptions',
    binary: process.env.FIREFOX,
    own: { args: ['-headless'] },
  },
  chromium: {
    program: process.env.CHROMEDRIVER ?? 'chromedriver',
    arguments: ['--port=0'],
    listens: /started successfully on port (\d+)/,
    options: 'goog:chromeOptions',
    binary: process.env.CHROMIUM,
    // So that a test can ask for garbage to be collected.
    own: { args: ['--js-flags=--expose-gc'] },
  },
  // Safari's engine, as GTK has it. Its driver says nothing of the port that it takes.
  webkit: {
    program: fileURLToPath(new URL('../webkit-driver.sh', import.meta.url)),
    arguments: [],
    options: 'webkitgtk:browserOptions',
    own: { args: [] },
  },
};

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until a driver answers that does not say when it does. */
async function answers(port, patience = 60_000) {
  const end = performance.now() + patience;
  for (;;) {
    try {
      await fetch(`http://127.0.0.1:${port}/status`);
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
  }
}

/** Starts a browser with a fresh profile. */
export async function startBrowser(kind, running) {
  const driver = DRIVERS[kind];
  const given = driver.listens === undefined ? await freePort() : undefined;
  const process_ = spawn(driver.program, given === undefined ? driver.arguments : [`--port=${given}`, ...driver.arguments], {
    // One that does not tell its port tells on the standard error why it can't start.
    stdio: ['ignore', 'pipe', given === undefined ? 'ignore' : 'inherit'],
  });
  running.push(() => process_.kill());
  const ended = new Promise((_, reject) => {
    process_.on('error', reject);
    process_.on('exit', () => reject(new Error(`${driver.program} ended before it listened`)));
  });
  const says = new Promise((resolve) => {
    createInterface(process_.stdout).on('line', (line) => {
      const found = driver.listens?.exec(line);
      if (found) resolve(found[1]);
    });
  });
  const port = await Promise.race([given === undefined ? says : answers(given).then(() => given), ended]);

  async function command(method, path, body) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${path}: ${value.error}: ${value.message}`);
    return value;
  }

  const all = JSON.parse(await readFile(new URL('../../webdriver.json', import.meta.url)))[driver.options] ?? {};
  const options = {
    ...all,
    ...(driver.binary === undefined ? {} : { binary: driver.binary }),
    args: [...(all.args ?? []), ...driver.own.args],
  };
  const { sessionId } = await command('POST', '/session', { capabilities: { alwaysMatch: { [driver.options]: options } } });
  const session = `/session/${sessionId}`;
  running.push(() => command('DELETE', session).catch(() => {}));
  return {
    open: (url) => command('POST', `${session}/url`, { url }),
    evaluate: (script, args) => command('POST', `${session}/execute/sync`, { script, args }),
    /** Collects garbage in Firefox, whose pages can't ask for it. */
    async collect() {
      await command('POST', `${session}/moz/context`, { context: 'chrome' });
      const script = 'for (const part of ["gc", "cc", "gc"]) Services.obs.notifyObservers(null, `child-${part}-request`)';
      await command('POST', `${session}/execute/sync`, { script, args: [] });
      await command('POST', `${session}/moz/context`, { context: 'content' });
    },
  };
}
