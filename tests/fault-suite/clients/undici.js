// Node's own, which has to be asked for (`node --experimental-eventsource`), is this one.

import { EventSource } from 'undici';

import { openEventSource } from '../support/standard.js';

export const from = 'undici';
export const open = openEventSource(EventSource);
