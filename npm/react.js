'use client';

// useEventSource for React.

import { useEffect, useState, useSyncExternalStore } from 'react';

import { SourceStore, requestOf } from './source_store.js';

export function useEventSource(url, options = {}) {
  const [store] = useState(() => new SourceStore());
  const request = requestOf(url, options.enabled, options.key);
  const read = () => store.read(request);
  // On a server no source is ever open, so what this reads there, and while the page is hydrated, is what comes before one.
  const snapshot = useSyncExternalStore(store.subscribe, read, read);
  useEffect(() => {
    store.options = options;
  });
  // The request is a new object with each render, so what it consists of is compared.
  useEffect(() => {
    store.want(request);
    return store.release;
  }, [store, request.url, request.enabled, request.key]);
  return snapshot;
}
