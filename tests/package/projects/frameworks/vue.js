import { createApp, effectScope, h, isReadonly, isRef, nextTick, ref, shallowReactive, toRef } from 'vue';

import { useEventSource } from 'eventsource-wasm/vue';

import { assert, same, test, token, until } from '/harness.js';

import { closed, open, scenarios, stream, testWith } from './scenarios.js';

const valuesOf = (result) => Object.fromEntries(Object.entries(result).map(([name, value]) => [name, isRef(value) ? value.value : value]));

async function mount(url, { onText, enabled = true, key, ...options } = {}) {
  let result;
  const texts = [];
  const errors = [];
  const props = shallowReactive({ url, enabled, key });
  const app = createApp({
    setup() {
      result = useEventSource(toRef(props, 'url'), { ...options, enabled: () => props.enabled, key: toRef(props, 'key') });
      return () => {
        texts.push(`${result.status.value} ${result.data.value}`);
        onText?.(valuesOf(result));
        // Read, so that each new list is a render.
        return h('p', [texts.at(-1), result.messages.value.length]);
      };
    },
  });
  app.config.errorHandler = (error) => errors.push(error);
  app.config.warnHandler = () => {};
  const element = document.body.appendChild(document.createElement('main'));
  app.mount(element);
  const update = async (changed) => {
    Object.assign(props, changed);
    await nextTick();
  };
  let isMounted = true;
  const unmount = () => {
    if (isMounted) app.unmount();
    isMounted = false;
    element.remove();
  };
  return { element, texts, errors, refs: result, read: () => valuesOf(result), update, unmount };
}

scenarios(mount);

testWith(mount, 'what it gives are refs that are read only, and hold what comes as it is', async (mounted) => {
  const view = await mounted(stream(token()));
  await until('the last message is shown', () => view.texts.at(-1) === 'OPEN 3');
  const { open: opens, close, ...refs } = view.refs;
  same([typeof opens, typeof close, Object.values(refs).every((one) => isRef(one) && isReadonly(one))], ['function', 'function', true]);
  refs.data.value = 'x';
  same(refs.data.value, '3');
  same([refs.eventSource.value.readyState, isReadonly(refs.messages.value)], [1, false]);
});

testWith(mount, 'after another URL nothing of the former is read, not even before the next render', async (mounted) => {
  const view = await mounted(stream(token()));
  await until('the last message is shown', () => view.texts.at(-1) === 'OPEN 3');
  view.update({ url: stream(token(), 'drop=1&end=stall') });
  same([view.refs.data.value, view.refs.messages.value, view.refs.status.value], [null, [], 'CONNECTING']);
  await until('the other stream\'s message is shown', () => view.texts.at(-1) === 'OPEN 0');
});

test('outside of a component it is opened at once, and closed with its scope', async () => {
  const [first, second] = [token(), token()];
  const scope = effectScope();
  const url = ref(stream(first));
  const { data, status, eventSource } = scope.run(() => useEventSource(() => url.value));
  assert(eventSource.value !== null);
  await until('the last message is there', () => data.value === '3');
  url.value = stream(second);
  await until('the other one is there', () => data.value === '3');
  await closed(first);
  same((await open(second)).length, 1);
  scope.stop();
  await closed(second);
  same([data.value, status.value, eventSource.value], ['3', 'CLOSED', null]);
});
