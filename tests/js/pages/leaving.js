// Tells the page around it what becomes of a source over fetch.

import init, { EventSource } from '../eventsource_wasm.js';

await init();
const tell = (what) => parent.postMessage(what, location.origin);
const source = new EventSource('/events?interval=20ms', { transport: 'fetch' });
// Or nothing would be read, and no loss noticed.
source.onmessage = () => {};
source.onerror = () => tell('error');
source.addEventListener('statechange', ({ detail }) => tell(detail.name));
