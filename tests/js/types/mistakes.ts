// What the types refuse.

import { EventSource, listMessages, MessageList } from 'eventsource-wasm';

const source = new EventSource('/events');

// @ts-expect-error: a URL is needed
new EventSource();
// @ts-expect-error: a misspelt name
new EventSource('/events', { withCredential: true });
// @ts-expect-error: only the fetch transport sends headers
new EventSource('/events', { headers: { authorization: 'x' } });
// @ts-expect-error: milliseconds are numbers
new EventSource('/events', { openTimeout: '5s' });
// @ts-expect-error: a delay is a number
new EventSource('/events', { reconnect: () => 'soon' });
// @ts-expect-error: a key is a string
new EventSource('/events', { resumeAfterReload: 1 });
// @ts-expect-error: it is read only
source.readyState = 2;
// @ts-expect-error: there is nothing to free
source.free();
// @ts-expect-error: there are two ways to deal with an overflow
source.messages('message', { overflow: 'drop' });
// @ts-expect-error: what can be sent only once
new EventSource('/events', { transport: 'fetch', method: 'POST', body: new ReadableStream() });
// @ts-expect-error: a map of types has events
new EventSource<{ tick: number }>('/events');
// @ts-expect-error: what is no text has to be decoded
new EventSource<{ tick: MessageEvent<number> }>('/events');
// @ts-expect-error: and decoded to what the map says
new EventSource<{ tick: MessageEvent<number> }>('/events', { decode: (text: string) => text });
// @ts-expect-error: a request is made again never, always, or until it is answered
new EventSource('/events', { transport: 'fetch', resend: 'sometimes' });
// @ts-expect-error: all is for every type, so it stands alone
source.messages('message', { all: true });
// @ts-expect-error: lists are made by listMessages
new MessageList();
// @ts-expect-error: what belongs to the source is given to the source
listMessages(document.body, source, { reconnect: true });
// @ts-expect-error: there is nothing to free
listMessages(document.body, source).free();
// @ts-expect-error: a name is a string
new EventSource('/events', { share: 1 });
