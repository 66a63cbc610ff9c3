import { here, script } from '../harness.js';
import { reads } from './observe.js';

const stream = 'retry=1&t0=0&data=n&interval=0';
const many = async () => `${here}/events?${stream}&count=500`;
const closed = (rows, source) => source.readyState === 2;
const at = (type, number = 1) => (source, event, rows) => {
  if (event?.type === type && rows.filter((row) => row.type === type).length === number) source.close();
};

export const cases = [
  reads('at once', many, '', { ends: closed, act: (source, event) => { if (event === undefined) source.close(); } }),
  reads('inside open', many, 'open', { ends: closed, act: at('open') }),
  reads('inside a message of many', many, 'open message message message', { ends: closed, act: at('message', 3) }),
  reads('inside a message of another type', () => script(['event: a\ndata: 1\n\ndata: 2\n\n']), 'open a', { ends: closed, act: at('a') }),
  reads('inside an error, while it reconnects', async () => `${here}/events?${stream}&drop=1`, 'open message error', { ends: closed, act: at('error') }),
  reads('inside the last error', async () => `${here}/events?status=404`, 'error', { ends: closed, act: at('error') }),
  reads('while it waits for the answer', async () => `${here}/events?delay-headers=300ms`, '', {
    ends: closed,
    act: (source, event) => { if (event === undefined) setTimeout(() => source.close(), 50); },
  }),
  reads('while it waits to reconnect', async () => `${here}/events?retry=2000&t0=0&data=n&interval=0&drop=1`, 'open message error', {
    ends: closed,
    act: (source, event) => { if (event?.type === 'error') setTimeout(() => source.close(), 20); },
  }),
  reads('in a microtask after a message', many, 'open message', {
    ends: closed,
    act: (source, event) => { if (event?.type === 'message') queueMicrotask(() => source.close()); },
  }),
  reads('twice', many, 'open', { ends: closed, act: (source, event) => { if (event?.type === 'open') { source.close(); source.close(); } } }),
  {
    name: 'what can be asked and done afterwards',
    async run(contender) {
      const source = contender.make(`${here}/events?${stream}&count=5`, { withCredentials: true });
      await new Promise((resolve) => { source.onmessage = resolve; });
      source.close();
      const seen = [];
      source.addEventListener('message', () => seen.push('message'));
      source.onerror = () => seen.push('error');
      const own = new Event('mine');
      source.addEventListener('mine', ({ target }) => seen.push(target === source));
      await new Promise((resolve) => { setTimeout(resolve, 50); });
      seen.push(source.dispatchEvent(own));
      return [source.url, source.withCredentials, source.readyState, typeof source.onmessage, seen];
    },
  },
];
