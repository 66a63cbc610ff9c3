import { experimental_streamedQuery as streamedQuery, queryOptions } from '@tanstack/react-query';
import { EventSource, type Message } from 'eventsource-wasm';

/** The answer to a question, which grows while it comes: `useQuery(answerTo('why'))`. */
export const answerTo = (question: string, url = '/answers') => queryOptions({
  queryKey: ['answer', url, question],
  queryFn: streamedQuery({
    // The signal is aborted when no component shows the answer any more, and that closes the source.
    streamFn: ({ signal }) => new EventSource(url, {
      transport: 'fetch',
      method: 'POST',
      body: JSON.stringify({ question }),
      signal,
    }).messages(),
    reducer: (answer: string, { data }) => answer + data,
    initialValue: '',
  }),
  // An answer that is complete is not asked for again.
  staleTime: Infinity,
});

/** The latest messages of a stream that does not end: `useQuery(latest('/events', 100))`. */
export const latest = (url: string, most: number) => queryOptions({
  queryKey: ['latest', url, most],
  queryFn: streamedQuery({
    // All that has come since the last animation frame is one change of the query.
    streamFn: ({ signal }) => new EventSource(url, { signal }).messages('message', { batch: 'frame' }),
    reducer: (messages: Message[], batch) => [...messages, ...batch].slice(-most),
    initialValue: [],
  }),
});
