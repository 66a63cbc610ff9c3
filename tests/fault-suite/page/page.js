// A page with one client: `/page/?client=/clients/NAME.js`. What host.js does in a process, for browser.js.

import { holdSources } from '../support/sources.js';

/** What the client tells, until it is asked for. */
let told = [];
const tell = (what) => { told.push(what); };
let sources;

globalThis.suite = {
  exchange(orders) {
    orders.forEach((order) => sources.order(order));
    const all = told;
    told = [];
    return all;
  },
};

addEventListener('error', ({ message }) => tell({ uncaught: message }));
addEventListener('unhandledrejection', ({ reason }) => tell({ uncaught: String(reason) }));

const client = await import(new URLSearchParams(location.search).get('client'));
sources = holdSources(client, tell);
const version = client.folder === undefined ? undefined : (await (await fetch(`${client.folder}/package.json`)).json()).version;
tell({ ready: { name: client.from, version, note: client.note } });
