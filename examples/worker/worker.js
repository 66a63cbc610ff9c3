// One connection for all tabs: over HTTP/1.1 a browser has six for each server, and each EventSource keeps one.

import { EventSource } from './pkg/index.js';

const pages = new Set();
let state = 'starting';

function tell(news) {
  for (const page of pages) page.postMessage(news);
}

// Before anything is awaited: the first page's event does not wait.
addEventListener('connect', ({ ports: [page] }) => {
  pages.add(page);
  page.postMessage({ state });
});

const source = new EventSource('/events', { reconnect: true });
source.addEventListener('statechange', ({ detail }) => {
  state = detail.name;
  tell({ state });
});
for await (const { data } of source) tell({ message: data });
