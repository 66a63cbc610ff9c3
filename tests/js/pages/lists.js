// listMessages with a source of its own, and with one that is shared. What lists show is tested with the page.

import init, { EventSource, listMessages, MessageList } from '../eventsource_wasm.js';

import { assert, here, pause, same, script, test, thrown, until } from './harness.js';

await init();

const place = () => document.body.appendChild(document.createElement('ul'));
const lines = (ul) => [...ul.children].map((li) => li.textContent);
const stream = () => script(['event: a\ndata: 1\n\ndata: 2\n\n', { end: 'stall' }]);

test('a list with a URL has a source of its own, and closes it', async () => {
  const ul = place();
  const list = listMessages(ul, await stream(), { types: ['a', 'message'], prefix: '> ', reconnect: true });
  assert(list instanceof MessageList && list.source instanceof EventSource);
  await until('both are shown', () => ul.children.length === 2);
  same(lines(ul), ['> 1', '> 2']);
  same([list.state.name, list.stats.messages, list.url === list.source.url], ['open', 2, true]);
  list.close();
  same([list.source.readyState, list.state], [2, { name: 'closed', reason: 'close', cause: null }]);
  await pause(10);
  list.clear();
  same(lines(ul), []);
});

test('a list with a source shares it, and leaves it open', async () => {
  const ul = place();
  const source = new EventSource(`${here}/events?data=n&t0=0&interval=20ms`);
  const list = listMessages(ul, source);
  assert(list.source === source);
  await until('some are shown', () => ul.children.length >= 2);
  list.close();
  await until('what had arrived is shown', async () => {
    const before = ul.children.length;
    await pause(60);
    return ul.children.length === before;
  });
  same(source.readyState, 1);
  const { messages } = source.stats;
  let heard = 0;
  source.onmessage = () => { heard += 1; };
  await until('messages go on', () => heard >= 2 && source.stats.messages > messages);
  const again = listMessages(ul, source, { prefix: 'again ' });
  await until('the second list shows', () => lines(ul).some((line) => line.startsWith('again ')));
  source.close();
  same(again.state.name, 'closed');
});

test('a state is told at once, then each', async () => {
  const seen = [];
  const list = listMessages(place(), `${here}/events?status=404`, { onStateChange: ({ name, cause }) => seen.push([name, cause?.name]) });
  await until('it is over', () => list.state.name === 'closed');
  await pause(10);
  same(seen, [['connecting', undefined], ['closed', 'ConnectionFailedError']]);
});

test('a paused list shows what waits when it is closed, or its source is', async () => {
  for (const close of [(list) => list.close(), (list) => list.source.close()]) {
    for (const transport of ['native', 'fetch']) {
      const ul = place();
      const list = listMessages(ul, await stream(), { types: ['a', 'message'], transport });
      list.pause();
      await until('both have arrived', () => list.stats.messages === 2);
      same([list.paused, lines(ul)], [true, []]);
      close(list);
      await until('both are shown', () => ul.children.length === 2);
      same([list.paused, lines(ul)], [false, ['message: 1', 'message: 2']]);
    }
  }
});

test('a closed list hears no more of states, nor of messages named statechange', async () => {
  const source = new EventSource(`${here}/events?event=statechange&interval=10ms`);
  const told = [[], []];
  const lists = told.map((seen) => listMessages(place(), source, { onStateChange: (state) => seen.push(state.name) }));
  let messages = 0;
  source.addEventListener('statechange', (event) => { if ('data' in event) messages += 1; });
  await until('some messages have come', () => messages > 3);
  lists[0].close();
  source.reconnect();
  await until('it is open again', () => source.readyState === 1);
  source.close();
  same(told, [['connecting', 'open'], ['connecting', 'open', 'connecting', 'open', 'closed']]);
});

test('wrong arguments are refused', async () => {
  const source = new EventSource('/events');
  const calls = [
    [() => listMessages(place(), source, { reconnect: true }), 'TypeError', 'reconnect belongs to the source'],
    [() => listMessages(place(), source, { maxLines: 0 }), 'TypeError', 'maxLines must be a whole number from 1'],
    [() => listMessages(place(), '/events', { openTimeout: 'x' }), 'TypeError', 'openTimeout must be'],
    [() => listMessages(document, source), 'TypeError', 'the first argument must be an element'],
    [() => new MessageList(), 'TypeError', 'illegal constructor'],
  ];
  for (const [call, name, text] of calls) {
    const error = thrown(call);
    assert(error.name === name && error.message.includes(text), String(error));
  }
  source.close();
  await pause(10);
  same(thrown(() => listMessages(place(), source)).name, 'InvalidStateError');
});
