// The one connection of all pages to the server that reloads them.

const channel = new BroadcastChannel("dev-server");
let latest;

function open() {
  const source = new EventSource("/dev-server/reload");
  source.onmessage = (message) => {
    latest = JSON.parse(message.data);
    channel.postMessage(latest);
  };
  source.onerror = () => {
    // The server may come back with another version: pages of that one would reload again and again for this one's sake.
    latest = undefined;
    // Firefox gives up when the server is away, as it is while it restarts.
    if (source.readyState === EventSource.CLOSED) setTimeout(open, 1000);
  };
}

// A page that comes later has missed what was said.
self.onconnect = () => {
  if (latest) channel.postMessage(latest);
};

open();
