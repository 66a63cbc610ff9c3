// Puts clients through the dev server's faults, and prints what became of them: `node tests/fault-suite/run.js --help`.

import { existsSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join, parse, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { BROWSERS, pathInPage, startInBrowser } from './browser.js';
import { startClient } from './client.js';
import { faults as allFaults, url } from './faults.js';
import { play } from './play.js';
import { figures, shown, totals, verdicts } from './tables.js';

const HELP = `Usage: node tests/fault-suite/run.js [OPTION…]

Puts clients through the dev server's faults, one client after the other and all faults at the same time, and prints what became of them.

  --client NAME|FILE  one of tests/fault-suite/clients, or an adapter of yours; may be repeated. Without it: all of that folder
  --command COMMAND   a program of yours, which is started with the URL as its last argument for each fault; may be repeated
  --browser NAME      in pages of firefox, chromium or webkit in place of Node: the browser's own EventSource (the client native) and this
                      repository's class, or those that --client names; may be repeated
  --fault TEXT        only faults whose name has this text; may be repeated
  --urls ORIGIN       prints the URLs for a dev server at this origin, and what is to be seen, instead of playing them
  --strict            says which faults each client fails, and fails if there is one; faults have four times as long. In browsers it
                      is this repository's class with options that is put through them, unless --client says otherwise
  --write             writes the tables into docs/fault-suite.md: those of Node, or, with --browser, those of browsers
  --help

Environment: DEV_SERVER, the server's program (default target/debug/dev-server); PACKAGE, the npm package of this repository
(default target/npm, which npm/build.mjs makes). For browsers GECKODRIVER, FIREFOX, CHROMEDRIVER, CHROMIUM: programs that are not on the
PATH.`;

const here = import.meta.dirname;
const root = resolve(here, '../..');
const DOC = join(root, 'docs/fault-suite.md');
/** What is between these lines of the document is written by `--write`. */
const MARKS = { node: '<!-- written by tests/fault-suite/run.js --write -->', browsers: '<!-- written by tests/fault-suite/run.js --write --browser … -->' };
const END = '<!-- end -->';

const { values: options } = parseArgs({ options: {
  client: { type: 'string', multiple: true, default: [] },
  command: { type: 'string', multiple: true, default: [] },
  browser: { type: 'string', multiple: true, default: [] },
  fault: { type: 'string', multiple: true, default: [] },
  urls: { type: 'string' },
  strict: { type: 'boolean' },
  write: { type: 'boolean' },
  help: { type: 'boolean' },
} });

if (options.help) {
  console.log(HELP);
  process.exit();
}

// A busy machine must not fail a client; one that has all it wanted is not waited for.
const patience = options.strict ? 4 : 1;
const faults = allFaults
  .filter(({ name }) => options.fault.length === 0 || options.fault.some((text) => name.includes(text)))
  .map((fault) => ({ ...fault, limit: fault.limit * patience }));
if (faults.length === 0) fail(`no fault has ${options.fault.join(' or ')} in its name; --urls http://127.0.0.1:8000 lists them`);

if (options.urls !== undefined) {
  faults.forEach((fault, n) => {
    const expect = fault.expect.map((data) => (data.length > 60 ? `${data.slice(0, 10)}… (${data.length})` : data));
    const { name, stops, waits } = fault;
    console.log(JSON.stringify({ name, url: url(options.urls.replace(/\/$/, ''), fault, `fault-${n}`), expect, stops, waits }));
  });
  process.exit();
}

function fail(message) {
  console.error(`tests/fault-suite: ${message}`);
  process.exit(2);
}

const inBrowsers = options.browser.length > 0;
for (const name of options.browser) if (!(name in BROWSERS)) fail(`there is no browser ${name}, but ${Object.keys(BROWSERS).join(', ')}`);
if (inBrowsers && options.command.length > 0) fail('a browser runs no --command');

/** The file of an adapter that is given by its name, or by its path. */
function adapter(given) {
  const found = [join(here, 'clients', `${given}.js`), join(here, 'page', `${given}.js`), resolve(given)].find(existsSync);
  return found ?? fail(`there is no client ${given}, neither in tests/fault-suite/clients nor at that path`);
}

async function clientsByDefault() {
  if (!inBrowsers) return (await readdir(join(here, 'clients'))).map((file) => parse(file).name).sort();
  return [...(options.strict ? [] : ['native', 'eventsource-wasm-plain']), 'eventsource-wasm'];
}

const given = options.client.length + options.command.length === 0 ? await clientsByDefault() : options.client;
const files = given.map(adapter);
/** Each starts a client. */
const starts = inBrowsers
  ? options.browser.flatMap((browser) => files.map((file) => {
    const path = pathInPage(file) ?? fail(`pages are served nothing that is outside of tests/fault-suite: ${file}`);
    return () => startInBrowser(browser, path);
  }))
  : [...files.map((file) => () => startClient('file', file)), ...options.command.map((command) => () => startClient('command', command))];
const program = process.env.DEV_SERVER ?? join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug/dev-server');
if (!existsSync(program)) fail(`there is no dev server at ${program}: run cargo build -p dev-server, or set DEV_SERVER`);

const clients = [];
let status = 0;
try {
  const began = performance.now();
  const results = [];
  // One after the other: they would take each other's time.
  for (const start of starts) {
    const client = await start();
    clients.push(client);
    results.push(await play(program, client, faults));
    await client.stop();
  }
  const took = Math.round((performance.now() - began) / 1000);
  if (options.strict) status = verdict(results);
  else await show(results, took);
} catch (error) {
  console.error(`tests/fault-suite: ${error.message}`);
  status = 1;
} finally {
  for (const client of clients) await client.stop();
}
process.exit(status);

/** Counted and told as tests/run.sh reads it. */
function verdict(results) {
  const failures = [];
  let passed = 0;
  clients.forEach((client, number) => faults.forEach((fault, n) => {
    const result = results[number][n];
    const fine = result.verdict === 'fine';
    const { sent, seen, lost, repeated, connections, closed } = result;
    const figures_ = `${connections} connections, sent ${sent}, seen ${seen}, lost ${lost}, repeated ${repeated}, ${Math.round(result.took)} ms`;
    const line = `  ${fine ? 'ok    ' : 'FAILED'}  ${client.name}: ${fault.name} (${fine ? '' : `${shown(result)}; `}${figures_}${closed ? `; it says: ${closed}` : ''})`;
    console.log(line);
    if (fine) passed += 1;
    else failures.push(line);
  }));
  for (const client of clients) for (const error of client.uncaught) failures.push(`  FAILED  ${client.name}: nobody could catch ${error}`);
  if (failures.length > 0) console.log(`\nfailures:\n${failures.join('\n')}`);
  console.log(`\ntest result: ${failures.length === 0 ? 'ok' : 'FAILED'}. ${passed} passed; ${failures.length} failed; 0 ignored`);
  return failures.length === 0 ? 0 : 1;
}

async function show(results, took) {
  const date = new Date().toISOString().slice(0, 10);
  const where = inBrowsers ? options.browser.map((name) => BROWSERS[name]).join(', ') : `Node ${process.version.slice(1)}`;
  const summary = [
    `${faults.length} faults on ${date}, in ${where}, in ${took} s.`,
    '', ...verdicts(clients, faults, results),
    '', 'All faults together, in messages and connections:',
    '', ...totals(clients, faults, results),
  ];
  const details = [
    '', 'Each fault: how many messages the server sent over all connections, how many the client has seen, how many it has lost, how many it has seen again.',
    '', ...figures(clients, faults, results),
  ];
  console.log([...summary, ...details].join('\n'));
  for (const client of clients) for (const error of new Set(client.uncaught)) console.log(`\n${client.name}: nobody could catch ${error}`);
  if (options.write) await write(inBrowsers ? MARKS.browsers : MARKS.node, (inBrowsers ? summary : [...summary, ...details]).join('\n'));
}

async function write(mark, text) {
  const document = await readFile(DOC, 'utf8');
  const start = document.indexOf(mark);
  const end = document.indexOf(END, start);
  if (start < 0 || end < 0) throw new Error(`${DOC} has no lines ${mark} … ${END} for the tables to stand between`);
  await writeFile(DOC, `${document.slice(0, start)}${mark}\n\n${text}\n\n${document.slice(end)}`);
}
