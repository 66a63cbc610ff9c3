// The package against the servers that people run, in a browser: `node tests/interop/run.js firefox`, or chromium. tests/run.sh does
// it with what tests/js/run.js needs too; INTEROP is the address of control.js.

import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { report, watch } from '../js/report.js';
import { startServer } from '../js/server.js';
import { startBrowser } from '../js/webdriver.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

const [kind] = process.argv.slice(2);
if (!['firefox', 'chromium'].includes(kind) || process.env.INTEROP === undefined) {
  console.error('Usage: INTEROP=ADDRESS node tests/interop/run.js firefox|chromium');
  process.exit(2);
}

await report(async (running) => {
  const site = await mkdtemp(join(tmpdir(), 'eventsource-interop-'));
  running.push(() => rm(site, { recursive: true, force: true }));
  await cp(join(root, 'Cargo.toml'), join(site, 'Cargo.toml'));
  await cp(process.env.PACKAGE, join(site, 'pkg'), { recursive: true });
  await cp(join(root, 'tests/js/pages'), join(site, 'pkg/tests'), { recursive: true });
  await cp(join(root, 'tests/interop/pages'), join(site, 'pkg/tests'), { recursive: true });
  await writeFile(join(site, 'index.html'), '<!doctype html>');
  const server = await startServer(site, running);
  const browser = await startBrowser(kind, running);
  await watch(browser, `${server}/pkg/tests/page.html?file=interop&${new URLSearchParams({ control: process.env.INTEROP })}`);
});
