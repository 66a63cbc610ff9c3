// The examples that are rendered on a server, of frameworks for applications.

import assert from 'node:assert/strict';

import { freePort } from '../js/free_port.js';
import { application } from './projects.js';
import { start } from './programs.js';

const SERVERS = {
  next: (port) => ['node_modules/next/dist/bin/next', 'start', '--hostname', '127.0.0.1', '--port', `${port}`],
  sveltekit: () => ['build'],
};
export const rendered = Object.keys(SERVERS);

/** Starts an example as it is built; gives its address and what ends it. */
export async function startRendered(name) {
  const folder = await application(name);
  const port = await freePort();
  return start(folder, SERVERS[name](port), { env: { PORT: `${port}` }, url: `http://127.0.0.1:${port}` });
}

/** The page as the server gives it has what there is before the first message. */
export async function isRendered(url) {
  const html = await (await fetch(url)).text();
  assert.match(html, /<p role="status"[^>]*>(<!--.*?-->)?CONNECTING(<!--.*?-->)?<\/p>/);
  assert.doesNotMatch(html, /<li[ >]/);
}
