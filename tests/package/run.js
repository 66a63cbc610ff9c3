// Tests the published package as strangers use it: `node tests/package/run.js checks`, or firefox, chromium or webkit. tests/run.sh
// does it with all that is needed: PACKAGE (npm/build.mjs), BUNDLER_PACKAGE (wasm-pack build), WORK (a folder to build in),
// and for browsers EXAMPLES (those in Rust, built), DEV_SERVER, GECKODRIVER or CHROMEDRIVER. EVENTSOURCE_TEST_ANSWERS is the address
// of the servers of tests/answers; without it they are started, and their packages have to be installed.

import { report } from '../js/report.js';
import { inBrowser } from './browser.js';
import { checks } from './checks.js';

const [kind] = process.argv.slice(2);
if (!['checks', 'firefox', 'chromium', 'webkit'].includes(kind)) {
  console.error('Usage: node tests/package/run.js checks|firefox|chromium|webkit');
  process.exit(2);
}
await report((running) => (kind === 'checks' ? checks(running) : inBrowser(kind, running)));
