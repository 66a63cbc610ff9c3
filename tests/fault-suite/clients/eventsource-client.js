import { createEventSource } from 'eventsource-client';

export const from = 'eventsource-client';

export function open(url, { message }) {
  // It never gives up, so there is nothing to tell of that.
  const source = createEventSource({ url, onMessage: ({ event, data }) => message({ type: event, data }) });
  return () => source.close();
}
