// useEventSource for Svelte. Without runes, so that it needs no compiler.

import { createSubscriber } from 'svelte/reactivity';
import { toStore } from 'svelte/store';

import { MEMBERS, SourceStore, requestOf } from './source_store.js';

const valueOf = (given) => (typeof given === 'function' ? given() : given);

export function useEventSource(url, options = {}) {
  const store = new SourceStore();
  store.options = options;
  const request = () => requestOf(valueOf(url), valueOf(options.enabled), valueOf(options.key));
  let thrown;
  const subscribe = createSubscriber((update) => {
    const forget = store.subscribe(update);
    // Follows the state that the functions read, as an effect does. No boundary gets what is thrown in this one.
    const unfollow = toStore(request).subscribe((now) => {
      thrown = undefined;
      try {
        store.want(now);
      } catch (error) {
        thrown = { error };
        update();
      }
    });
    return () => {
      unfollow();
      forget();
      store.release();
      thrown = undefined;
    };
  });
  const result = { open: store.open, close: store.close };
  for (const name of MEMBERS) {
    Object.defineProperty(result, name, {
      enumerable: true,
      get() {
        subscribe();
        if (thrown !== undefined) throw thrown.error;
        return store.read(request())[name];
      },
    });
  }
  return result;
}
