import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';

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
};

/** Starts a browser with a fresh profile. */
export async function startBrowser(kind, running) {
  const driver = DRIVERS[kind];
  const process_ = spawn(driver.program, driver.arguments, { stdio: ['ignore', 'pipe', 'ignore'] });
  running.push(() => process_.kill());
  const port = await new Promise((resolve, reject) => {
    process_.on('error', reject);
    process_.on('exit', () => reject(new Error(`${driver.program} ended before it listened`)));
    createInterface(process_.stdout).on('line', (line) => {
      const found = line.match(driver.listens);
      if (found !== null) resolve(found[1]);
    });
  });

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

  const all = JSON.parse(await readFile(new URL('../../webdriver.json', import.meta.url)))[driver.options];
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
