// Stands for support/ours.js in pages: the import map of index.html puts it there.

import { EventSource } from '/pkg/index.js';

export const ours = { from: 'eventsource-wasm', folder: '/pkg', EventSource };
