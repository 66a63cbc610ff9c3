// What needs a browser: the package in pages and workers, as it is and built, and how it says what is wrong.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { serve } from '../../examples/serve.mjs';
import { test, watch } from '../js/report.js';
import { startServer } from '../js/server.js';
import { startBrowser } from '../js/webdriver.js';
import { chat } from './chat.js';
import { until } from './programs.js';
import { application, built, builds, install, isBuilt, work } from './projects.js';
import { isRendered, rendered, startRendered } from './rendered.js';
import { shows } from './shows.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pkg = process.env.PACKAGE;
/** As many as tests want a package that has loaded nothing. */
const COPIES = 32;

export async function inBrowser(kind, running) {
  const site = await pages(running);
  const events = await startServer(site, running);
  const browser = await startBrowser(kind, running);

  async function served(folder, headers) {
    const server = await serve({ folder, pkg, events, headers });
    running.push(() => server.closeAllConnections());
    running.push(() => server.close());
    return `http://127.0.0.1:${server.address().port}`;
  }

  /** A policy as strict pages have it, and what else it says. */
  const policy = (...others) => ({ 'content-security-policy': ["default-src 'self'", ...others].join('; ') });
  const allowed = "script-src 'self' 'wasm-unsafe-eval'";
  const page = (origin, file) => watch(browser, `${origin}/page.html?file=${file}&other=${encodeURIComponent(events)}`, `${file}: `);

  console.log('\nin plain pages and workers');
  await page(await served(site), 'loading');
  await page(await served(site), 'streams');
  console.log('\nunder strict Content-Security-Policies');
  await page(await served(site, policy(allowed, `connect-src 'self' ${events}`)), 'streams');
  await page(await served(site, policy("script-src 'self'", `connect-src 'self' ${events}`)), 'no_wasm');
  await page(await served(site, policy(allowed, "connect-src 'none'")), 'no_connect');

  console.log('\nlibraries that take the class for the platform\'s');
  await Promise.all([install(), application('chat')]);
  await addLibraries(site);
  for (const file of ['htmx', 'vueuse']) await page(await served(site), file);
  if (kind === 'webkit') console.log('  msw is left out in webkit: its pages can\'t give a service worker a stream, so MSW waits for the answer\'s end');
  else await page(await served(site), 'msw');

  console.log('\nframeworks');
  await cp(await built('frameworks'), join(site, 'frameworks'), { recursive: true });
  for (const name of ['react', 'vue', 'svelte']) await page(await served(site), `frameworks/${name}`);

  console.log('\nexamples and bundlers');
  for (const name of ['plain', 'worker', 'shared']) {
    await test(`the example ${name}`, async () => shows(browser, await served(join(root, 'examples', name))));
  }
  await test('the example shared: the tab that leads is closed, and the other one goes on', async () => handsOver(browser, await served(join(root, 'examples/shared'))));
  await test('the example worker, under a strict Content-Security-Policy', async () => shows(browser, await served(join(root, 'examples/worker'), policy(allowed))));
  for (const name of Object.keys(builds)) {
    await test(name, async () => shows(browser, await served(await built(name))));
  }
  for (const name of ['rust-plain', 'yew']) {
    await test(`the example ${name}`, async () => shows(browser, await served(join(process.env.EXAMPLES, name))));
  }
  await test('the program of the README', async () => shows(browser, await served(join(process.env.EXAMPLES, 'readme'))));
  await test('vite dev', async () => shows(browser, await viteDev(events, running)));

  console.log('\nexamples with servers of their own');
  await chat(browser);
  for (const name of rendered) {
    // That takes half a minute, too long for a run of one browser's step.
    if (!isBuilt(name)) {
      console.log(`  the example ${name} is left out: it is opened in browsers when package-npm, which builds it, is among the steps`);
      continue;
    }
    await test(`the example ${name}, rendered on its server`, async () => {
      const server = await startRendered(name);
      try {
        await isRendered(server.url);
        await shows(browser, server.url);
        const status = () => browser.evaluate('return document.querySelector("[role=status]").textContent', []);
        await until('the page says that it is open', async () => await status() === 'OPEN', status);
      } finally {
        await browser.open('about:blank');
        await server.stop();
      }
    });
  }
}

/** A folder of tests for pages, with what they need. */
async function pages(running) {
  const site = await mkdtemp(join(tmpdir(), 'eventsource-package-'));
  running.push(() => rm(site, { recursive: true, force: true }));
  await cp(join(root, 'tests/package/pages'), site, { recursive: true });
  for (const file of ['harness.js', 'page.html', 'page.js']) await cp(join(root, 'tests/js/pages', file), join(site, file));
  // Each is a package that has loaded nothing yet.
  for (let copy = 0; copy < COPIES; copy += 1) await cp(pkg, join(site, 'copies', `${copy}`), { recursive: true });
  // The same under a name that no server has a type for.
  await cp(join(pkg, 'eventsource_wasm_bg.wasm'), join(site, 'of-no-type'));
  await writeFile(join(site, 'broken.wasm'), 'no WebAssembly');
  // A dev server takes this for a project.
  await cp(join(root, 'Cargo.toml'), join(site, 'Cargo.toml'));
  await writeFile(join(site, 'index.html'), '<!doctype html>');
  return site;
}

/** What pages run of npm's packages, as those have it. */
async function addLibraries(site) {
  const files = [
    'htmx.org/dist/htmx.min.js',
    'htmx-ext-sse/dist/sse.min.js',
    'vue/dist/vue.runtime.global.prod.js',
    '@vueuse/shared/dist/index.iife.min.js',
    '@vueuse/core/dist/index.iife.min.js',
    'msw/lib/iife/index.js',
  ];
  for (const file of files) await cp(join(work, 'node_modules', file), join(site, 'libraries', file));
  // A service worker sees the requests of pages beside it.
  await cp(join(work, 'node_modules/msw/lib/mockServiceWorker.js'), join(site, 'mockServiceWorker.js'));
}

/** Opens the same page in a frame beside it, and closes the source of the one that leads. */
async function handsOver(browser, url) {
  await shows(browser, url);
  const part = (of) => browser.evaluate(`return ${of}.querySelector('#part')?.textContent ?? ''`, []);
  await until('the first page leads', async () => await part('document') === 'has the connection', () => part('document'));
  await browser.evaluate('const frame = document.createElement("iframe"); frame.src = location.href; document.body.append(frame)', []);
  const other = 'document.querySelector("iframe").contentDocument';
  await until('the second one follows', async () => await part(other) === 'gets what another tab posts', () => part(other));
  await browser.evaluate('document.querySelector("#close").click()', []);
  await until('the second one leads', async () => await part(other) === 'has the connection', () => part(other));
  await until('it shows messages', () => browser.evaluate(`return ${other}.querySelector('li') !== null`, []), () => part(other));
  await browser.open('about:blank');
}

async function viteDev(events, running) {
  const vite = spawn(join(work, 'node_modules/.bin/vite'), ['--host', '127.0.0.1'], {
    cwd: work,
    env: { ...process.env, DEV_SERVER_URL: events, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(async () => {
    vite.kill();
    await once(vite, 'exit');
  });
  for await (const line of createInterface(vite.stdout)) {
    const [url] = line.match(/http:\S+/) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error('vite did not start');
}
