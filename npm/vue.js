// useEventSource for Vue.

import { getCurrentInstance, getCurrentScope, onMounted, onScopeDispose, shallowReadonly, shallowRef, toValue, watch } from 'vue';

import { MEMBERS, SourceStore, requestOf } from './source_store.js';

export function useEventSource(url, options = {}) {
  const store = new SourceStore();
  store.options = options;
  const request = () => requestOf(toValue(url), toValue(options.enabled), toValue(options.key));
  const refs = {};
  const show = () => {
    const snapshot = store.read(request());
    for (const name of MEMBERS) (refs[name] ??= shallowRef()).value = snapshot[name];
  };
  show();
  store.subscribe(show);
  // At once, so that what came from one address is never read after there is another.
  watch(request, show, { flush: 'sync' });

  const open = () => watch(request, (now) => store.want(now), { immediate: true });
  // A component may be rendered on a server, where it is not mounted.
  if (getCurrentInstance()) onMounted(open);
  else if (typeof document !== 'undefined') open();
  if (getCurrentScope()) onScopeDispose(store.release);

  const readonly = Object.fromEntries(MEMBERS.map((name) => [name, shallowReadonly(refs[name])]));
  return { ...readonly, open: store.open, close: store.close };
}
