// Types of the entries for frameworks.

import type { EventSource, Message, SourceError, SourceState } from 'eventsource-wasm';
import { useEventSource as useInReact, type UseEventSourceOptions, type UseEventSourceReturn } from 'eventsource-wasm/react';
import { useEventSource as useInSvelte } from 'eventsource-wasm/svelte';
import { useEventSource as useInVue } from 'eventsource-wasm/vue';
import { isRef, ref, type ShallowRef } from 'vue';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function holds<T extends true>(): T | void {}

interface Tick {
  readonly n: number;
}

const inReact: UseEventSourceReturn = useInReact('/events');
holds<Equal<typeof inReact.data, string | null>>();
holds<Equal<typeof inReact.event | typeof inReact.lastEventId, string | null>>();
holds<Equal<typeof inReact.status, 'CONNECTING' | 'OPEN' | 'CLOSED'>>();
holds<Equal<typeof inReact.error, SourceError | null>>();
holds<Equal<typeof inReact.state, SourceState>>();
holds<Equal<typeof inReact.message, Message | null>>();
holds<Equal<typeof inReact.messages, readonly Message[]>>();
holds<Equal<typeof inReact.dropped, number>>();
holds<Equal<typeof inReact.eventSource, EventSource<any> | null>>();
holds<Equal<ReturnType<typeof inReact.open> | ReturnType<typeof inReact.close>, void>>();
// @ts-expect-error It is not changed by hand.
inReact.data = 'x';

const ticks = useInReact<Tick>(new URL('https://example.com/'), {
  transport: 'fetch',
  method: 'POST',
  body: 'x',
  headers: async ({ rejected }) => ({ authorization: `Bearer ${String(rejected)}` }),
  types: new Set(['tick', 'tock']),
  decode: JSON.parse,
  limit: 0,
  enabled: false,
  key: 7,
});
holds<Equal<typeof ticks.data, Tick | null>>();
holds<Equal<typeof ticks.messages, readonly Message<Tick>[]>>();
holds<Equal<typeof ticks.message, Message<Tick> | null>>();
const settings: UseEventSourceOptions = { types: undefined, limit: undefined, enabled: undefined, key: undefined };
useInReact(null, settings);
useInReact(undefined, { reconnect: true });
// @ts-expect-error In React it is a value.
useInReact('/events', { enabled: () => true });
// @ts-expect-error There is no such option.
useInReact('/events', { limits: 7 });
// @ts-expect-error Only fetch sends a body.
useInReact('/events', { body: 'x' });

const url = ref<string | null>(null);
const inVue = useInVue<Tick>(() => url.value, { enabled: ref(true), key: () => url.value, types: ['tick'], decode: JSON.parse, limit: undefined });
holds<Equal<typeof inVue.data, Readonly<ShallowRef<Tick | null>>>>();
holds<Equal<typeof inVue.messages.value, readonly Message<Tick>[]>>();
holds<Equal<typeof inVue.status.value, 'CONNECTING' | 'OPEN' | 'CLOSED'>>();
if (isRef(inVue.error)) inVue.close();
useInVue(url, { enabled: () => url.value !== null });
useInVue('/events', { enabled: undefined, types: undefined, key: undefined });
// @ts-expect-error It is read only.
inVue.data.value = null;

const inSvelte = useInSvelte<Tick>(() => url.value, { enabled: () => false, types: 'tick', decode: JSON.parse, key: () => 7 });
holds<Equal<typeof inSvelte.data, Tick | null>>();
holds<Equal<typeof inSvelte.messages, readonly Message<Tick>[]>>();
useInSvelte('/events', { enabled: true, limit: 3 });
useInSvelte(undefined, { enabled: undefined, types: undefined, limit: undefined }).open();
// @ts-expect-error It is not changed by hand.
inSvelte.data = null;
