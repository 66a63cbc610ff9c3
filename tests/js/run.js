// Runs the tests of pages/ in a browser: `node tests/js/run.js firefox`, or chromium. tests/run.sh does it with all that is
// needed: DEV_SERVER, GECKODRIVER or CHROMEDRIVER, and PACKAGE, the folder that wasm-bindgen has written for the web.

import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { startBrowser } from './webdriver.js';
import { startServer } from './server.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const files = ['class', 'options', 'iteration', 'fetch', 'lists', 'memory', 'conformance', 'workers'];

const [kind, ...chosen] = process.argv.slice(2);
if (kind !== 'firefox' && kind !== 'chromium') {
  console.error('Usage: node tests/js/run.js firefox|chromium [FILE…]');
  process.exit(2);
}

const site = await mkdtemp(join(tmpdir(), 'eventsource-js-'));
const running = [];
let passed = 0;
let failed = 0;
try {
  // The dev server serves a folder `pkg` as it is, beside a page that nobody opens here.
  await cp(join(root, 'Cargo.toml'), join(site, 'Cargo.toml'));
  await cp(process.env.PACKAGE, join(site, 'pkg'), { recursive: true });
  await cp(join(root, 'tests/js/pages'), join(site, 'pkg/tests'), { recursive: true });
  await writeFile(join(site, 'index.html'), '<!doctype html>');
  const server = await startServer(site, running);
  const other = await startServer(site, running);
  const browser = await startBrowser(kind, running);
  for (const file of chosen.length === 0 ? files : chosen) {
    console.log(`\n${file}`);
    await browser.open(`${server}/pkg/tests/page.html?file=${file}&other=${encodeURIComponent(other)}`);
    for (let told = 0, done = false; !done;) {
      const progress = await browser.evaluate('return globalThis.progress?.(arguments[0])', [told]);
      for (const { name, error, notes } of progress?.results ?? []) {
        told += 1;
        if (error === undefined) passed += 1;
        else failed += 1;
        console.log(`  ${error === undefined ? 'ok    ' : 'FAILED'}  ${name}`);
        for (const line of [...notes, ...(error ?? '').split('\n')].filter((text) => text !== '')) console.log(`          ${line}`);
      }
      done = progress?.done ?? false;
      if (!done) await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
  }
} catch (error) {
  failed += 1;
  console.error(error);
} finally {
  for (const stop of running.reverse()) await stop();
  await rm(site, { recursive: true, force: true });
}
console.log(`\ntest result: ${failed === 0 && passed > 0 ? 'ok' : 'FAILED'}. ${passed} passed; ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
