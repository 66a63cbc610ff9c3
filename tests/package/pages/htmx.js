// htmx and its extension for server-sent events.

import { connections, other, same, token, until } from './harness.js';
import { inItsPlace, library } from './libraries.js';

await library('htmx.org/dist/htmx.min.js');
await library('htmx-ext-sse/dist/sse.min.js');
const { htmx } = globalThis;

/** Puts HTML into the page, as an answer to htmx does; gives its element, and what htmx tells of its source. */
function shown(html, atEnd) {
  const place = document.body.appendChild(document.createElement('main'));
  const opened = new Set();
  const errors = [];
  place.addEventListener('htmx:sseOpen', ({ detail }) => opened.add(detail.source));
  place.addEventListener('htmx:sseError', ({ detail }) => errors.push(detail.source.readyState));
  const swap = (content) => htmx.swap(place, content, { swapStyle: 'innerHTML' });
  swap(html);
  atEnd(() => {
    swap('');
    place.remove();
  });
  return { place, swap, opened, errors, text: (selector) => place.querySelector(selector).textContent };
}

const open = (id) => connections(id, other);

inItsPlace('messages and named events are swapped in, until the element is', async ({ Class, atEnd }) => {
  const id = token();
  const { swap, opened, text } = shown(`
    <div hx-ext="sse" sse-connect="/events?token=${id}&t0=0&data=n&event=tick,,tock&drop=6&end=stall&interval=0">
      <p sse-swap="message" hx-swap="beforeend"></p>
      <p sse-swap="tick" hx-swap="beforeend"></p>
      <p sse-swap="tick,tock"></p>
    </div>`, atEnd);
  await until('the last event is there', () => text('p:last-child') === '5');
  same([text('p'), text('p:nth-child(2)')], ['14', '03']);
  same([[...opened].map((source) => source instanceof Class), (await open(id)).length], [[true], 1]);
  swap('');
  await until('its connection is closed', async () => (await open(id)).length === 0);
});

inItsPlace('it goes on after breaks, until the event that closes it', async ({ atEnd }) => {
  const id = token();
  const { place, opened, text } = shown(`
    <div hx-ext="sse" sse-connect="/events?token=${id}&t0=0&data=n&event=,,,,,done&drop=2&retry=1&interval=0" sse-close="done">
      <p sse-swap="message" hx-swap="beforeend"></p>
    </div>`, atEnd);
  const closed = [];
  place.addEventListener('htmx:sseClose', ({ detail }) => closed.push(detail.type));
  await until('it is closed', () => closed.length > 0);
  same([closed, text('p'), opened.size], [['message'], '01234', 1]);
  await until('its connection is closed', async () => (await open(id)).length === 0);
  same([...opened].map(({ readyState }) => readyState), [2]);
});

inItsPlace('a new source is made only where one has given up', async ({ reconnects, atEnd }) => {
  const id = token();
  const { swap, opened, errors, text } = shown(`
    <div hx-ext="sse" sse-connect="/events?token=${id}&plan=503,200&t0=0&data=n&drop=2&end=stall&interval=0">
      <p sse-swap="message" hx-swap="beforeend"></p>
    </div>`, atEnd);
  await until('messages are there', () => text('p') === '01');
  same([errors, opened.size], [[reconnects ? 0 : 2], 1]);
  swap('');
  await until('its connection is closed', async () => (await open(id)).length === 0);
});
