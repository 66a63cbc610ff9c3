import { EventSource, listMessages, MessageList } from 'eventsource-wasm';

const ul = document.querySelector('ul')!;
const list: MessageList = listMessages(ul, '/events', { prefix: '', maxLines: 100, types: new Set(['tick']), reconnect: true });
listMessages(ul, new URL('https://example.com/'), { onStateChange: (state) => console.log(state.name) });
const shared = new EventSource<{ tick: MessageEvent<string> }>('/events');
console.log(listMessages(ul, shared, { types: ['tick'] }).source === shared, list.paused);
list.pause();
list.resume();
list.clear();
list.close();
