// As it is, without handlers of the application's.

import '../support/window.js';

import { fetchEventSource } from '@microsoft/fetch-event-source';

export const from = '@microsoft/fetch-event-source';

export function open(url, { message, closed }, handlers = {}) {
  const controller = new AbortController();
  const reading = fetchEventSource(url, {
    signal: controller.signal,
    openWhenHidden: true, // there is no document
    onmessage: ({ event, data }) => message({ type: event || 'message', data }),
    ...handlers,
  });
  reading.then(() => closed('its promise is kept'), (error) => closed(error.message));
  return () => controller.abort();
}
