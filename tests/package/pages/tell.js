/** Tells the first message of a stream, in a worker of any kind; the WebAssembly is loaded by what needs it. */
export function serve({ EventSource }) {
  function tell(url, port) {
    const source = new EventSource(url, { reconnect: true });
    source.onmessage = ({ data }) => {
      source.close();
      port.postMessage({ message: data });
    };
    source.onerror = () => {
      if (source.state.cause) port.postMessage({ error: String(source.state.cause) });
    };
  }
  if (globalThis.ServiceWorkerGlobalScope !== undefined) {
    addEventListener('message', (event) => tell(event.data, event.source));
  } else if (globalThis.SharedWorkerGlobalScope !== undefined) {
    addEventListener('connect', ({ ports: [port] }) => { port.onmessage = ({ data }) => tell(data, port); });
  } else {
    addEventListener('message', ({ data }) => tell(data, globalThis));
  }
}
