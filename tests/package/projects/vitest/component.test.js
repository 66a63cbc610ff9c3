// Components that show a stream, with a function in the place of `fetch` as their server.

import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, onTestFinished, test } from 'vitest';
import { createApp } from 'vue';

import { useEventSource as useInReact } from 'eventsource-wasm/react';
import { useEventSource as useInVue } from 'eventsource-wasm/vue';

import { eventually } from './support.js';

/** A server that sends what it is told to. */
function fakeServer() {
  const asked = [];
  let send;
  const fetch = (url, { signal }) => {
    asked.push({ path: new URL(url).pathname, signal });
    const body = new ReadableStream({ start: (controller) => { send = (text) => controller.enqueue(new TextEncoder().encode(text)); } });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  };
  return { asked, fetch, send: (data) => send(`data: ${data}\n\n`) };
}

/** How a component of each framework is mounted, that shows what it is given as a text; gives what unmounts it. */
const frameworks = {
  React(element, url, options) {
    function Clock() {
      const { status, data } = useInReact(url, options);
      return `${status} ${data}`;
    }
    const root = createRoot(element);
    root.render(createElement(Clock));
    return () => root.unmount();
  },
  Vue(element, url, options) {
    const app = createApp({
      setup() {
        const { status, data } = useInVue(url, options);
        return () => `${status.value} ${data.value}`;
      },
    });
    app.mount(element);
    return () => app.unmount();
  },
};

test.each(Object.entries(frameworks))('a component of %s shows what the fake sends, until it is unmounted', async (_, mount) => {
  const { asked, fetch, send } = fakeServer();
  const element = document.body.appendChild(document.createElement('main'));
  onTestFinished(() => element.remove());
  const unmount = mount(element, '/events', { transport: 'fetch', fetch });
  await eventually(() => expect(element.textContent).toBe('OPEN null'));
  for (const data of ['one', 'two']) {
    send(data);
    await eventually(() => expect(element.textContent).toBe(`OPEN ${data}`));
  }
  expect(asked.map(({ path, signal }) => [path, signal.aborted])).toEqual([['/events', false]]);
  unmount();
  await eventually(() => expect(asked[0].signal.aborted).toBe(true));
});
