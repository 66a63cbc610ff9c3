// The browser's own object.

import { openEventSource } from '../support/standard.js';

export const from = 'EventSource';
export const open = openEventSource(EventSource);
