// VueUse's useEventSource.

import { assert, connections, other, same, token, until } from './harness.js';
import { inItsPlace, library } from './libraries.js';

for (const path of ['vue/dist/vue.runtime.global.prod.js', '@vueuse/shared/dist/index.iife.min.js', '@vueuse/core/dist/index.iife.min.js']) await library(path);
const { Vue: { createApp, ref, watch }, VueUse: { useEventSource } } = globalThis;

/** A component that uses and shows a source; gives its refs, and each value that two of them take. */
function mounted(atEnd, ...given) {
  let refs;
  const statuses = [];
  const sources = [];
  const app = createApp({
    setup() {
      refs = useEventSource(...given);
      watch(refs.status, (status) => statuses.push(status), { flush: 'sync' });
      watch(refs.eventSource, (source) => sources.push(source), { flush: 'sync', immediate: true });
      return () => `${refs.status.value} ${refs.data.value}`;
    },
  });
  const element = document.body.appendChild(document.createElement('main'));
  app.mount(element);
  const unmount = () => app.unmount();
  atEnd(() => {
    unmount();
    element.remove();
  });
  return { ...refs, statuses, sources, element, unmount };
}

const open = (id) => connections(id, other);
const closed = (id) => until('its connection is closed', async () => (await open(id)).length === 0);
const stream = (id, query = 'drop=4&end=stall') => `/events?token=${id}&t0=0&data=n&interval=0&${query}`;

inItsPlace('the refs follow the source, until the component is unmounted', async ({ Class, atEnd }) => {
  const id = token();
  const used = mounted(atEnd, stream(id, 'drop=4&end=stall&event=tick,tock'), ['tick', 'tock'], { serializer: { read: Number } });
  same([used.status.value, used.data.value, used.error.value], ['CONNECTING', null, null]);
  await until('the last event is shown', () => used.element.textContent === 'OPEN 3');
  same([used.event.value, used.data.value, used.lastEventId.value, used.error.value, used.statuses], ['tock', 3, '0-3', null, ['OPEN']]);
  assert(used.eventSource.value instanceof Class);
  same((await open(id)).length, 1);
  used.unmount();
  await closed(id);
  same([used.status.value, used.eventSource.value], ['CLOSED', null]);
});

inItsPlace('it opens when it is told to, closes, and goes to another URL', async ({ atEnd }) => {
  const [first, second] = [token(), token()];
  const url = ref(stream(first));
  const used = mounted(atEnd, url, [], { immediate: false });
  same([used.status.value, used.eventSource.value, (await open(first)).length], ['CONNECTING', null, 0]);
  used.open();
  await until('the last message is there', () => used.data.value === '3');
  same([used.status.value, used.event.value], ['OPEN', 'message']);
  used.close();
  same([used.status.value, used.eventSource.value], ['CLOSED', null]);
  await closed(first);
  url.value = stream(second, 'drop=6&end=stall');
  await until('the other stream\'s last message is there', () => used.data.value === '5');
  same([used.status.value, (await open(second)).length], ['OPEN', 1]);
  used.unmount();
  await closed(second);
});

inItsPlace('it goes on after breaks', async ({ atEnd }) => {
  const id = token();
  const used = mounted(atEnd, stream(id, 'drop=2&retry=1'));
  const seen = [];
  watch(used.data, (data) => seen.push(data), { flush: 'sync' });
  await until('some have come over three connections', () => seen.length >= 6);
  same(seen, seen.map((_, n) => `${n}`));
  same([used.sources.length, used.statuses.slice(0, 3)], [1, ['OPEN', 'CLOSED', 'OPEN']]);
  used.unmount();
  await closed(id);
});

inItsPlace('a new source is made only where one has given up', async ({ reconnects, atEnd }) => {
  const id = token();
  const used = mounted(atEnd, stream(id, 'drop=2&end=stall&plan=503,200'), [], { autoReconnect: { retries: 3, delay: 1 } });
  const errors = [];
  watch(used.error, (error) => errors.push(error?.type), { flush: 'sync' });
  await until('messages are there', () => used.data.value === '1');
  same([used.sources.length, errors, used.status.value], [reconnects ? 1 : 2, ['error', undefined], 'OPEN']);
  used.unmount();
  await closed(id);
});
