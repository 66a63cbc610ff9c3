// Renders components on a server, and tells what they show and what was asked of the server that they name.

import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';

import { createElement } from 'react';
import { renderToString as renderReact } from 'react-dom/server';
import { compile } from 'svelte/compiler';
import { render as renderSvelte } from 'svelte/server';
import { createSSRApp, effectScope } from 'vue';
import { renderToString as renderVue } from 'vue/server-renderer';

import { EventSource } from 'eventsource-wasm';
import { useEventSource as useInReact } from 'eventsource-wasm/react';
import { useEventSource as useInVue } from 'eventsource-wasm/vue';

const SVELTE = `
  <script>
    import { useEventSource } from 'eventsource-wasm/svelte';
    const { url, options } = $props();
    const source = useEventSource(() => url, options);
  </script>
  {source.status} {String(source.data)} {source.messages.length}
`;
await writeFile(new URL('compiled.js', import.meta.url), compile(SVELTE, { generate: 'server', filename: 'Server.svelte' }).js.code);
const { default: Component } = await import('./compiled.js');

const asked = [];
const server = createServer((request, response) => {
  asked.push(request.url);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end('data: x\n\n');
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const origin = `http://127.0.0.1:${server.address().port}`;

const shown = [];
for (const options of [undefined, { transport: 'fetch' }, { enabled: false }]) {
  const Shows = () => {
    const { status, data, messages } = useInReact(`${origin}/react`, options);
    return `${status} ${data} ${messages.length}`;
  };
  const app = createSSRApp({
    setup() {
      const { status, data, messages } = useInVue(`${origin}/vue`, options);
      return () => `${status.value} ${data.value} ${messages.value.length}`;
    },
  });
  effectScope().run(() => useInVue(`${origin}/scope`, options));
  const { body } = renderSvelte(Component, { props: { url: `${origin}/svelte`, options } });
  shown.push([renderReact(createElement(Shows)), await renderVue(app), body.replaceAll(/<!--.*?-->/g, '').trim()]);
}

// Whatever was asked for before this is answered before it.
const source = new EventSource(`${origin}/last`, { transport: 'fetch' });
await new Promise((resolve) => { source.onmessage = resolve; });
source.close();
server.close();
console.log(JSON.stringify({ shown, asked }));
