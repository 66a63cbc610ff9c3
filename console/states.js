// Describes a source's state in words.

import { duration, number, sentence } from './dom.js';

const pauses = {
  hidden: 'The page is hidden. The stream reconnects when the page is visible again.',
  offline: 'There is no network. The stream reconnects when the network is back.',
  cached: 'The page is in the browser’s back/forward cache. The stream reconnects when the page is shown again.',
};

/** The state's name, and details if there are any. */
export function describe(state) {
  switch (state.name) {
    case 'connecting':
      return [state.attempt > 1 ? `Connecting, attempt ${number.format(state.attempt)}` : 'Connecting', ''];
    case 'open':
      return ['Open', ''];
    case 'waiting':
      // Without a delay, the browser reconnects by itself, and the message of the cause says so.
      return [
        'Reconnecting',
        sentence(state.cause.message) + (state.delay === null ? '' : ` The next attempt is in ${duration(state.delay)}.`),
      ];
    case 'paused':
      return ['Paused', pauses[state.reason] ?? ''];
    default:
      if (state.reason === 'complete') return ['Complete', 'The stream is complete. Press Connect to request it again.'];
      return ['Closed', state.cause ? `${sentence(state.cause.message)} Press Connect to try again.` : ''];
  }
}
