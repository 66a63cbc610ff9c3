// Runs the tests of pages/ in a browser: `node tests/js/run.js firefox`, or chromium, or webkit. tests/run.sh does it with
// all that is needed: DEV_SERVER, the driver (GECKODRIVER or CHROMEDRIVER) and its browser (FIREFOX, CHROMIUM), and PACKAGE, the
// folder that wasm-bindgen has written for the web. EVENTSOURCE_TEST_ANSWERS is the address of the servers of tests/answers;
// without it they are started here, where their packages have been installed. CONFORMANCE=write writes this browser's table in
// docs/conformance.md; otherwise it has to agree.

import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { check, write } from './conformance_table.js';
import { report, test, watch } from './report.js';
import { startAnswers, startSecure, startServer } from './server.js';
import { startBrowser } from './webdriver.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
// `class` runs again at the end: in the later pages of a process WebKit may go on using an old `globalThis.EventSource`.
const files = ['class', 'options', 'iteration', 'fetch', 'requests', 'reopening', 'answers', 'lists', 'sharing', 'memory', 'polyfill', 'conformance', 'workers', 'http1', 'http2', 'class'];
// Those whose page is served over HTTPS.
const secured = ['http2'];

const [kind, ...chosen] = process.argv.slice(2);
if (!['firefox', 'chromium', 'webkit'].includes(kind)) {
  console.error('Usage: node tests/js/run.js firefox|chromium|webkit [FILE…]');
  process.exit(2);
}

await report(async (running) => {
  const site = await mkdtemp(join(tmpdir(), 'eventsource-js-'));
  running.push(() => rm(site, { recursive: true, force: true }));
  // The dev server serves a folder `pkg` as it is, beside a page that nobody opens here.
  await cp(join(root, 'Cargo.toml'), join(site, 'Cargo.toml'));
  await cp(process.env.PACKAGE, join(site, 'pkg'), { recursive: true });
  await cp(join(root, 'tests/js/pages'), join(site, 'pkg/tests'), { recursive: true });
  await writeFile(join(site, 'index.html'), '<!doctype html>');
  const server = await startServer(site, running);
  const other = await startServer(site, running);
  const secure = await startSecure(site, running);
  const answers = process.env.EVENTSOURCE_TEST_ANSWERS ?? await startAnswers(running);
  const addresses = new URLSearchParams({ other, answers });
  const browser = await startBrowser(kind, running);
  for (const file of chosen.length === 0 ? files : chosen) {
    console.log(`\n${file}`);
    const kept = await watch(browser, `${secured.includes(file) ? secure : server}/pkg/tests/page.html?file=${file}&${addresses}`);
    if (file !== 'conformance') continue;
    if (process.env.CONFORMANCE === 'write') await write(kind, browser.version, kept);
    await test('docs/conformance.md has the table of these cases', () => check(kind, kept));
  }
});
