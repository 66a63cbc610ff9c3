// The class stands where the platform's stands.

import { EventSource } from 'eventsource-wasm';

const platform = EventSource satisfies typeof globalThis.EventSource;
const source: InstanceType<typeof globalThis.EventSource> = new platform('/events', { withCredentials: true });

/** Code that was written for the platform's own. */
function written(source: InstanceType<typeof globalThis.EventSource>): void {
  source.onopen = function (event) {
    this.close();
    event.preventDefault();
  };
  source.onmessage = ({ data, lastEventId }) => console.log(data, lastEventId);
  source.onerror = null;
  source.addEventListener('message', (event) => console.log(event.data));
  source.addEventListener('tick', (event: MessageEvent) => console.log(event.data), { once: true });
  source.removeEventListener('tick', () => {});
  if (source.readyState === EventSource.CLOSED) source.close();
}

written(source);
written(new EventSource('/events'));
written(new EventSource<{ tick: MessageEvent<string> }>(new URL('https://example.com/events')));

globalThis.EventSource = EventSource;
