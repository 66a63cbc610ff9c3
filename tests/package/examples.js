// Opens examples in a browser: `node tests/package/examples.js firefox|chromium NAME…`. EXAMPLES is where they are, built; DEV_SERVER and
// GECKODRIVER or CHROMEDRIVER are as for run.js.

import { join } from 'node:path';

import { serve } from '../../examples/serve.mjs';
import { report, test } from '../js/report.js';
import { startServer } from '../js/server.js';
import { startBrowser } from '../js/webdriver.js';
import { shows } from './shows.js';

const [kind, ...names] = process.argv.slice(2);
await report(async (running) => {
  const events = await startServer(process.env.EXAMPLES, running);
  const browser = await startBrowser(kind, running);
  for (const name of names) {
    const server = await serve({ folder: join(process.env.EXAMPLES, name), events });
    running.push(() => server.closeAllConnections());
    running.push(() => server.close());
    await test(`the example ${name}`, () => shows(browser, `http://127.0.0.1:${server.address().port}`));
  }
});
