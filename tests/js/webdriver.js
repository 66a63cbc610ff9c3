import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { freePort } from './free_port.js';

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

/** How long a driver has for a command, in milliseconds: far longer than any takes. */
const PATIENCE = 150_000;

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

/**
 * Has Chromium crash a tab's process, and closes the tab. This is said to the browser itself, over its own protocol:
 * chromedriver ends its session when it is told of an error while there is a tab that has crashed.
 */
async function crash(address, tab) {
  const ask = request(`http://${address}/devtools/page/${tab}`, {
    headers: {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': 13,
      'sec-websocket-key': randomBytes(16).toString('base64'),
    },
  });
  ask.end();
  const [, socket] = await once(ask, 'upgrade');
  const message = Buffer.from(JSON.stringify({ id: 1, method: 'Page.crash' }));
  // A frame of text, whose mask changes nothing.
  socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | message.length, 0, 0, 0, 0]), message]));
  for await (const data of socket) {
    if (String(data).includes('targetCrashed')) break;
  }
  await fetch(`http://${address}/json/close/${tab}`);
}

/** Starts a browser with a fresh profile; `more` are options of its own. */
export async function startBrowser(kind, running, more = {}) {
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
      signal: AbortSignal.timeout(PATIENCE),
    }).catch((error) => { throw new Error(`${driver.program} did not answer ${method} ${path}`, { cause: error }); });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${path}: ${value.error}: ${value.message}`);
    return value;
  }

  const all = JSON.parse(await readFile(new URL('../../webdriver.json', import.meta.url)))[driver.options] ?? {};
  const options = {
    ...all,
    ...more,
    ...(driver.binary === undefined ? {} : { binary: driver.binary }),
    ...(all.prefs === undefined ? {} : { prefs: { ...all.prefs, ...more.prefs } }),
    args: [...(all.args ?? []), ...driver.own.args, ...(more.args ?? [])],
  };
  // Nobody vouches for the certificate of a dev server.
  const wanted = { acceptInsecureCerts: true, [driver.options]: options };
  const { sessionId, capabilities } = await command('POST', '/session', { capabilities: { alwaysMatch: wanted } });
  const session = `/session/${sessionId}`;
  running.push(() => command('DELETE', session).catch(() => {}));
  return {
    version: capabilities.browserVersion,
    open: (url) => command('POST', `${session}/url`, { url }),
    evaluate: (script, args) => command('POST', `${session}/execute/sync`, { script, args }),
    /** The tabs of all windows. */
    handles: () => command('GET', `${session}/window/handles`),
    /** Opens an empty 'tab', or a 'window' of its own, and gives its handle. */
    newTab: async (type) => (await command('POST', `${session}/window/new`, { type })).handle,
    /** What is said from here on is for this tab. Firefox and Chromium also show it in its window. */
    use: (handle) => command('POST', `${session}/window`, { handle }),
    /** These are for the tab that is used. */
    closeTab: () => command('DELETE', `${session}/window`),
    reload: () => command('POST', `${session}/refresh`, {}),
    back: () => command('POST', `${session}/back`, {}),
    minimize: () => command('POST', `${session}/window/minimize`, {}),
    restore: () => command('POST', `${session}/window/rect`, { width: 1000, height: 700 }),
    /** Kills the process of the tab that is used, and closes what is left of the tab. */
    async kill(handle) {
      if (kind === 'chromium') {
        await crash(capabilities[driver.options].debuggerAddress, handle);
        return;
      }
      await command('POST', `${session}/moz/context`, { context: 'chrome' });
      // geckodriver has Firefox end when a tab crashes.
      const script = `
        Services.env.set('MOZ_CRASHREPORTER_SHUTDOWN', '');
        const pid = (browser) => browser.browsingContext.currentWindowGlobal.osPid;
        const all = Services.wm.getEnumerator('navigator:browser');
        return [pid(gBrowser.selectedBrowser), [...all].flatMap((window) => window.gBrowser.browsers.map(pid))];
      `;
      const [pid, all] = await command('POST', `${session}/execute/sync`, { script, args: [] });
      await command('POST', `${session}/moz/context`, { context: 'content' });
      if (all.filter((other) => other === pid).length !== 1) throw new Error('the tab shares its process with another');
      process.kill(pid, 'SIGKILL');
      await command('DELETE', `${session}/window`);
    },
    /** Collects garbage in Firefox, whose pages can't ask for it. */
    async collect() {
      await command('POST', `${session}/moz/context`, { context: 'chrome' });
      const script = 'for (const part of ["gc", "cc", "gc"]) Services.obs.notifyObservers(null, `child-${part}-request`)';
      await command('POST', `${session}/execute/sync`, { script, args: [] });
      await command('POST', `${session}/moz/context`, { context: 'content' });
    },
  };
}
