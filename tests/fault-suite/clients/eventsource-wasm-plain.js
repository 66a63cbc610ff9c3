// Without options it does what the Standard says.

import { ours } from '../support/ours.js';
import { openEventSource } from '../support/standard.js';

export const { from, folder } = ours;
export const note = 'no options';
export const open = openEventSource(ours.EventSource);
