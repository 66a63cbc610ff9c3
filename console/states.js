// What is said of a source's state.

import { duration, number, sentence } from './dom.js';

const pauses = {
  hidden: 'The connection waits until this page is seen again.',
  offline: 'There is no network. The connection comes back with it.',
  cached: 'The browser has put this page aside. The connection comes back with it.',
};

/** The state's name, and what there is to say besides. */
export function describe(state) {
  switch (state.name) {
    case 'connecting':
      return [state.attempt > 1 ? `Connecting, attempt ${number.format(state.attempt)}` : 'Connecting', ''];
    case 'open':
      return ['Open', ''];
    case 'waiting':
      // Without a delay of the page's own the browser is at it, and the cause says so.
      return [
        'Reconnecting',
        sentence(state.cause.message) + (state.delay === null ? '' : ` The next attempt is in ${duration(state.delay)}.`),
      ];
    case 'paused':
      return ['Paused', pauses[state.reason] ?? ''];
    default:
      if (state.reason === 'complete') return ['Complete', 'The stream has come to its end. Connect asks for it again.'];
      return ['Closed', state.cause ? `${sentence(state.cause.message)} Connect tries again.` : ''];
  }
}
