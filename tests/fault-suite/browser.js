// A client in a page of a browser (page/), as the suite uses it.

import { existsSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { serve } from '../../examples/serve.mjs';
import { startBrowser } from '../js/webdriver.js';
import { connect } from './client.js';
import { brief } from './judge.js';

export const BROWSERS = { firefox: 'Firefox', chromium: 'Chromium', webkit: 'WebKitGTK' };

const PACKAGE = process.env.PACKAGE ?? fileURLToPath(new URL('../../target/npm', import.meta.url));
/** How often the page is asked what its client has seen. */
const PERIOD = 50;

/** The path at which the page finds an adapter, if it is one of this folder: no other is served. */
export function pathInPage(file) {
  const path = relative(import.meta.dirname, file).split(sep).join('/');
  return path.startsWith('../') ? undefined : `/${path}`;
}

/** Starts a browser for one client, so that no client finds connections or sockets of another. */
export async function startInBrowser(kind, path) {
  if (!existsSync(PACKAGE)) throw new Error(`there is no package at ${PACKAGE}: run node npm/build.mjs, or set PACKAGE`);
  const running = [];
  const stop = async () => {
    for (const end of running.splice(0).reverse()) await end();
  };
  try {
    const server = await serve({ folder: import.meta.dirname, pkg: PACKAGE });
    running.push(() => server.close(), () => server.closeAllConnections());
    const browser = await startBrowser(kind, running);
    await browser.open(`http://127.0.0.1:${server.address().port}/page/?client=${path}`);
    const client = await connect(`${path} in ${kind}`, channel(browser, running, stop));
    // A driver has `null` for what is not defined.
    return { ...client, version: client.version ?? undefined, note: [`${BROWSERS[kind]} ${browser.version}`, client.note].filter(Boolean).join(', ') };
  } catch (error) {
    await stop();
    throw error;
  }
}

function channel(browser, running, stop) {
  let orders = [];
  let listener;
  let stopped = false;
  async function exchange() {
    while (!stopped) {
      const given = orders;
      orders = [];
      // The page's script may not have run yet; there are no orders before its client is ready.
      const told = await browser.evaluate('return globalThis.suite?.exchange(arguments[0]) ?? []', [given]);
      for (const { message, ...rest } of told) listener(message === undefined ? rest : { ...rest, seen: brief(message) });
      await pause(PERIOD);
    }
    return 'it was stopped';
  }
  const ended = exchange().catch((error) => `its browser does not answer: ${error.message}`);
  running.push(() => {
    stopped = true;
    return ended;
  });
  return {
    send: ({ url, ...order }) => orders.push(url === undefined ? order : { ...order, url: onItsOwn(url, order.open) }),
    hear(given) { listener = given; },
    ended,
    stop,
  };
}

/** The same stream at a host name of its own: over HTTP/1.1 browsers open no more than six connections to a host. */
const onItsOwn = (url, id) => url.replace('//127.0.0.1:', `//${id}.localhost:`);
