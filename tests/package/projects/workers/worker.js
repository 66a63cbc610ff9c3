import init, { EventSource } from 'eventsource-wasm';

async function tell(port) {
  await init();
  const source = new EventSource('/events');
  for await (const { data } of source) port.postMessage(data);
}

if ('onconnect' in globalThis) addEventListener('connect', ({ ports: [port] }) => tell(port));
else tell(globalThis);
