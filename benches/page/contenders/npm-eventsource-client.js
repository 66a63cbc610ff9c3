import { createEventSource } from 'eventsource-client';

export default async () => ({
  start({ url, every, tell }) {
    let seen = 0;
    const source = createEventSource({
      url: new URL(url, location.href),
      onMessage({ data }) {
        if (++seen % every === 0) tell(data);
      },
    });
    return () => source.close();
  },
});
