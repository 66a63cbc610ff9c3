// The one connection to the server for all open pages, which reloads them.

const channel = new BroadcastChannel("dev-server");
let latest;

function open() {
  const source = new EventSource("/dev-server/reload");
  source.onmessage = (message) => {
    latest = JSON.parse(message.data);
    channel.postMessage(latest);
  };
  source.onerror = () => {
    // Forgotten, because the server may come back with another version, and its pages would reload again and again if they
    // were told this one.
    latest = undefined;
    // Firefox stops reconnecting when the server refuses connections, as it does while it restarts.
    if (source.readyState === EventSource.CLOSED) setTimeout(open, 1000);
  };
}

// A page that connects later has missed earlier messages.
self.onconnect = () => {
  if (latest) channel.postMessage(latest);
};

open();
