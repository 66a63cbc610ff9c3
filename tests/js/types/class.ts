// What is more than the platform's.

import init, {
  EventSource, type EventSourceOptions, type Message, type Messages, type SharedRole, type SourceError, type SourceIterator, type SourceResponse, type SourceState, type SourceStats, type StatusError,
} from 'eventsource-wasm';

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
    if (source.state.reason !== 'abort') failed(source.state.cause);
    if (source.state.reason === 'failure') holds<Equal<typeof source.state.cause, SourceError>>();
    break;
  case 'paused': holds<Equal<typeof source.state.reason, 'hidden' | 'offline' | 'cached'>>(); break;
  default:
}
// Which part a source has in sharing is told with each state.
holds<Equal<typeof source.state.shared, 'leader' | 'follower' | 'unsupported' | undefined>>();
if (source.state.shared === 'leader') console.log(source.state.name);
const role: SharedRole | undefined = source.state.shared;
for (const share of [true, false, undefined, 'news']) new EventSource('/events', { share, reconnect: true, transport: 'fetch' }).close();
console.log(role);

function failed(cause: SourceError | null): void {
  if (cause?.name === 'StatusError' && cause.status === 401) console.log('sign in');
  switch (cause?.name) {
    case 'StatusError': {
      holds<Equal<typeof cause, StatusError>>();
      const parts: [number, string, boolean, number | null, string | undefined] = [cause.status, cause.body, cause.bodyTruncated, cause.retryAfter, cause.headers['x-request-id']];
      console.log(parts);
      break;
    }
    case 'ContentTypeError': console.log(cause.status, cause.body.length); break;
    case 'StoppedError': holds<Equal<typeof cause.status, 204>>(); break;
    default: console.log(cause?.message, cause?.status, cause?.body);
  }
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

// Answers of models.
interface Chunk { choices: { delta: { content?: string } }[] }
const controller = new AbortController();
const answer = new EventSource('https://api.example.com/v1/chat/completions', {
  transport: 'fetch',
  method: 'POST',
  resend: 'before-open',
  endData: '[DONE]',
  signal: controller.signal,
  resume: ({ lastEventId, response }) => (lastEventId === '' ? null : { url: new URL(`/on/${response?.headers.get('x-id') ?? ''}`, 'https://example.com'), headers: { 'x-on': '1' } }),
  fetch: async (url, request) => fetch(url, { ...request, headers: { ...request.headers, authorization: 'Bearer' } }),
  base: 'https://example.com',
  position: ({ data }) => (JSON.parse(data) as { id?: number }).id,
  endEvent: ({ type, data }) => type === 'done' && data === '',
  urlProvider: ({ lastEventId }) => `/events?since=${lastEventId}`,
});
const chunks: SourceIterator<Chunk> = answer.messages().json<Chunk>();
for await (const { choices } of chunks) console.log(choices[0]?.delta.content);
for await (const list of answer.messages({ all: true, batch: 10 }).json<Chunk>()) holds<Equal<typeof list, Chunk[]>>();
for await (const value of answer.messages().json()) holds<Equal<typeof value, unknown>>();
for await (const message of answer.messages({ all: true })) holds<Equal<typeof message, Message>>();
for await (const message of answer.messages({ capacity: 5 })) holds<Equal<typeof message, Message>>();
const response: SourceResponse | null = answer.response;
const forget: () => void = answer.onAny((event) => holds<Equal<typeof event, MessageEvent<string>>>(), { signal: controller.signal });
console.log(response?.headers.get('x-request-id'), forget);
answer.reopen();

const given = EventSource.fromResponse(await fetch('/events'), { endEvent: 'done', resume: () => '/on' });
holds<Equal<typeof given.state, SourceState>>();
class Mine extends EventSource {
  extra = 1;
}
console.log(Mine.fromResponse(new Response('')).extra);

// Data that is decoded.
interface Price { symbol: string; price: number }
const inferred = new EventSource('/prices', { decode: (text): Price => JSON.parse(text) as Price });
for await (const { data } of inferred.messages()) holds<Equal<typeof data, Price>>();
inferred.addEventListener('message', ({ data }) => holds<Equal<typeof data, Price>>());
const mapped = new EventSource<{ price: MessageEvent<Price> }>('/prices', { transport: 'fetch', decode: JSON.parse });
mapped.addEventListener('price', ({ data }) => holds<Equal<typeof data, Price>>());
for await (const { data } of mapped.messages('price')) holds<Equal<typeof data, Price>>();

// As exactOptionalPropertyTypes has it.
const maybe: { signal?: AbortSignal | undefined; method?: string | undefined } = {};
new EventSource('/events', { transport: 'fetch', signal: maybe.signal, method: maybe.method, reconnect: { maxDelay: undefined } });

// Options that are passed on.
const make = (options: EventSourceOptions) => new EventSource('/events', options);
for await (const { data } of make({}).messages()) holds<Equal<typeof data, unknown>>();
const read = EventSource.fromResponse(new Response(''), { decode: (text) => Number(text) });
for await (const { data } of read.messages()) holds<Equal<typeof data, number>>();
for await (const { choices } of answer.json<Chunk>()) console.log(choices[0]?.delta.content);
