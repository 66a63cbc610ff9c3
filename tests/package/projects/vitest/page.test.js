import { EventSource, listMessages } from 'eventsource-wasm';
import { expect, test } from 'vitest';

import { eventually, serve, stream } from './support.js';

const lines = (element) => [...element.querySelectorAll('li')].map(({ textContent }) => textContent);

test('a path is that of the page', () => {
  const source = new EventSource('/events');
  source.close();
  expect(source.url).toBe(new URL('/events', document.baseURI).href);
});

test('listMessages shows a stream, and closes it', async () => {
  const { url, reading } = await serve((response) => stream(response, 1, 2));
  const element = document.body.appendChild(document.createElement('ul'));
  const list = listMessages(element, url);
  await eventually(() => expect(lines(element)).toEqual(['message: 1', 'message: 2']));
  list.close();
  await eventually(() => expect(reading.size).toBe(0));
});

test('listMessages shows a source that it is given, and leaves it open', async () => {
  let send;
  const { url } = await serve((response) => {
    stream(response);
    send = (n) => response.write(`data: ${n}\n\n`);
  });
  const source = new EventSource(url);
  const element = document.body.appendChild(document.createElement('ul'));
  const list = listMessages(element, source, { prefix: '', maxLines: 2 });
  await eventually(() => expect(source.readyState).toBe(1));
  for (const n of [1, 2, 3]) send(n);
  await eventually(() => expect(lines(element)).toEqual(['2', '3']));
  list.close();
  expect(source.readyState).toBe(1);
  source.close();
});
