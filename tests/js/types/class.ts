// What is more than the platform's.

import init, { EventSource, type Message, type Messages, type SourceError, type SourceState, type SourceStats } from 'eventsource-wasm';

interface Tick extends MessageEvent<`${number}`> {
  readonly type: 'tick';
}

/** A tick as iterators give it. */
type TickMessage = Pick<Tick, 'type' | 'data' | 'lastEventId' | 'origin'>;

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function holds<T extends true>(): T | void {}

await init();
await init({ module_or_path: new URL('https://example.com/eventsource_wasm_bg.wasm') });

const source = new EventSource<{ tick: Tick }>('/events', {
  withCredentials: true,
  transport: 'native',
  signal: AbortSignal.timeout(1000),
  reconnect: { minDelay: 1000, maxDelay: 30_000, maxAttempts: 10, stablePeriod: 60_000 },
  urlProvider: async () => new URL('https://example.com/events'),
  lastEventId: '7',
  lastEventIdParam: null,
  resumeAfterReload: true,
  suppressDuplicates: 1000,
  gapEvent: 'gap',
  openTimeout: 5000,
  idleTimeout: 30_000,
  heartbeatEvent: 'heartbeat',
  pauseWhenHidden: 60_000,
  probe: true,
});
new EventSource('/events', { reconnect: true });
new EventSource('/events', { resumeAfterReload: 'news' });
new EventSource('/events', { reconnect: ({ cause, failureStreak, connectedFor }) => (cause.status === 401 || failureStreak > 3 ? null : connectedFor ?? 100) });
new EventSource('/events', { urlProvider: () => '/events' });

source.addEventListener('tick', (event) => holds<Equal<typeof event, Tick>>());
source.addEventListener('tick', { handleEvent: (event) => holds<Equal<typeof event, Tick>>() });
source.addEventListener('message', (event) => holds<Equal<typeof event, MessageEvent<string>>>());
source.addEventListener('open', (event) => holds<Equal<typeof event, Event>>());
source.addEventListener('other', (event) => holds<Equal<typeof event, MessageEvent<any>>>());
source.addEventListener('statechange', ({ detail }) => holds<Equal<typeof detail, SourceState>>());

for await (const message of source) holds<Equal<typeof message, Message>>();
for await (const tick of source.messages('tick')) holds<Equal<typeof tick, TickMessage>>();
for await (const message of source.messages()) holds<Equal<typeof message, Message>>();
for await (const message of source.messages(['tick', 'other'])) holds<Equal<typeof message, TickMessage | Message>>();
for await (const ticks of source.messages('tick', { batch: 100, capacity: 10_000, overflow: 'drop-oldest' })) holds<Equal<typeof ticks, TickMessage[]>>();
for await (const ticks of source.messages('tick', { batch: 'frame' })) holds<Equal<typeof ticks, TickMessage[]>>();
const anEvent: Message = new MessageEvent<string>('message', { data: 'x' });
void anEvent;

const messages: Messages<TickMessage> = source.messages('tick');
const lost: number = messages.dropped;
const result = await messages.next();
if (!result.done) holds<Equal<typeof result.value, TickMessage>>();
await messages.return();

const stats: SourceStats = source.stats;
const id: string = source.lastEventId;
console.log(stats.messages, stats.lastMessageAge?.toFixed(), id, lost);
source.reconnect();

switch (source.state.name) {
  case 'waiting': console.log(source.state.delay, source.state.cause.message); break;
  case 'closed':
    holds<Equal<typeof source.state.reason, 'close' | 'abort' | 'complete' | 'failure'>>();
    failed(source.state.cause);
    if (source.state.reason === 'failure') holds<Equal<typeof source.state.cause, SourceError>>();
    break;
  case 'paused': holds<Equal<typeof source.state.reason, 'hidden' | 'offline' | 'cached'>>(); break;
  default:
}

function failed(cause: SourceError | null): void {
  if (cause?.name === 'StatusError' && cause.status === 401) console.log('sign in');
}

{
  using short = new EventSource('/events');
  console.log(short.url);
}

// Over fetch.
const asked = new EventSource('/answers', {
  transport: 'fetch',
  method: 'POST',
  headers: async ({ rejected }) => ({ authorization: `Bearer ${rejected ? 'new' : 'old'}` }),
  body: JSON.stringify({ question: 'why' }),
  credentials: 'include',
  mode: 'cors',
  cache: 'no-store',
  redirect: 'follow',
  referrerPolicy: 'no-referrer',
  resend: true,
  maxMessageSize: 1_000_000,
  reconnect: ({ retryAfter, cause }) => (cause.status === 429 ? (retryAfter ?? 1000) : null),
});
for await (const batch of asked.messages('message', { batch: 100, overflow: 'wait' })) {
  const first: Message | undefined = batch[0];
  void first;
}
