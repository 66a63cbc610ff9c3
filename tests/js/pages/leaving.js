// Tells the page around it what becomes of a source over fetch.

import init, { EventSource } from '../eventsource_wasm.js';

await init();
const tell = (what) => parent.postMessage(what, location.origin);
const source = new EventSource('/events?interval=20ms', { transport: 'fetch' });
source.onerror = () => tell('error');
source.addEventListener('statechange', ({ detail }) => tell(detail.name));
