'use client';

import { useEventSource } from 'eventsource-wasm/react';

/** The last ten messages. On the server it renders what there is before the first one, and opens nothing. */
export function Clock() {
  const { messages, status, error } = useEventSource('/events', { reconnect: true, limit: 10 });
  return (
    <>
      <p role="status">{error?.message ?? status}</p>
      <ul>{messages.map(({ data, lastEventId }) => <li key={lastEventId}>{data}</li>)}</ul>
    </>
  );
}
