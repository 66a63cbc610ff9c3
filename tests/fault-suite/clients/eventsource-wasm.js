// This repository's, with what its README recommends for streams that have to go on. Waits are short, so that the suite is.

import { ours } from '../support/ours.js';
import { openEventSource } from '../support/standard.js';

export const { from, folder } = ours;
export const note = 'reconnect, timeouts, duplicates';
export const open = openEventSource(ours.EventSource, {
  transport: 'fetch',
  reconnect: { minDelay: 50, maxDelay: 300 },
  openTimeout: 2500,
  idleTimeout: 1500,
  suppressDuplicates: 1000,
});
