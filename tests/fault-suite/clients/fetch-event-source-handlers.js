// With handlers such as its README proposes: a response that ends is an error, errors are tried again, but for those of the client.

import { open as openWith } from './fetch-event-source.js';

export const from = '@microsoft/fetch-event-source';
export const note = 'with the handlers of its README';

class Fatal extends Error {}

export function open(url, tell) {
  return openWith(url, tell, {
    async onopen({ ok, status, headers }) {
      if (ok && headers.get('content-type')?.startsWith('text/event-stream')) return;
      throw status >= 400 && status < 500 && status !== 429 ? new Fatal(`status ${status}`) : new Error('again');
    },
    onclose() { throw new Error('again'); },
    onerror(error) {
      if (error instanceof Fatal) throw error;
    },
  });
}
