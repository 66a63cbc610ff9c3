import { EventSource } from 'eventsource';

import { openEventSource } from '../support/standard.js';

export const from = 'eventsource';
export const open = openEventSource(EventSource);
