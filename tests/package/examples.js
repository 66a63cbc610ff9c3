// Opens examples in a browser: `node tests/package/examples.js firefox|chromium NAME…`. EXAMPLES is where they are, built; DEV_SERVER and
// GECKODRIVER or CHROMEDRIVER are as for run.js.

import assert from 'node:assert/strict';
import { join } from 'node:path';

import { serve } from '../../examples/serve.mjs';
import { report, test } from '../js/report.js';
import { startServer } from '../js/server.js';
import { startBrowser } from '../js/webdriver.js';
import { shows } from './shows.js';

/** In the page that is open, `rendered` is the heading that came with it. */
async function isHydrated(browser, events) {
  const kept = await browser.evaluate('return rendered instanceof Element && [...document.querySelectorAll("h1")].every((heading) => heading === rendered)', []);
  assert.ok(kept, 'the heading is another one');
  await browser.evaluate('for (const button of document.querySelectorAll("button")) if (button.textContent === "Close") button.click()', []);
  const patience = performance.now() + 30_000;
  while ((await (await fetch(`${events}/connections`)).json()).connections.length > 0) {
    assert.ok(performance.now() < patience, 'the stream is still open');
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}

const [kind, ...names] = process.argv.slice(2);
await report(async (running) => {
  const events = await startServer(process.env.EXAMPLES, running);
  const browser = await startBrowser(kind, running);
  for (const name of names) {
    const server = await serve({ folder: join(process.env.EXAMPLES, name), events });
    running.push(() => server.closeAllConnections());
    running.push(() => server.close());
    const url = `http://127.0.0.1:${server.address().port}`;
    await test(`the example ${name}`, () => shows(browser, url));
    if (name.endsWith('-hydrated')) await test(`the example ${name} keeps what the server has rendered, and its buttons work`, () => isHydrated(browser, events));
  }
});
