// Keeps the page at the newest version: reloads it, or shows why the build failed.

const version = new URL(import.meta.url).search.slice(1);
let overlay;
let reloading = false;

function overlayElement() {
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const style = new CSSStyleSheet();
  style.replaceSync(`
    :host { position: fixed; inset: 0; z-index: 2147483647; overflow: auto; color: #eee; background: #1b1b1b; }
    h2 { margin: 1rem; font: bold 1.1rem system-ui, sans-serif; color: #ff8f8f; }
    pre { margin: 1rem; font: 0.85rem/1.4 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
    button { position: absolute; top: 0.75rem; right: 1rem; font: inherit; }
  `);
  // The page's policy would require a hash for a style element, but not for a constructed style sheet.
  root.adoptedStyleSheets = [style];
  const title = document.createElement("h2");
  title.textContent = "Build error";
  const text = document.createElement("pre");
  text.setAttribute("role", "alert");
  const dismiss = document.createElement("button");
  dismiss.textContent = "Dismiss";
  dismiss.onclick = () => host.remove();
  root.append(title, text, dismiss);
  return { host, show: (error) => (text.textContent = error) };
}

function show({ version: current, error }) {
  // A second reload could interrupt the page that the first one is loading.
  if (reloading) return;
  if (current && current !== version) {
    reloading = true;
    location.reload();
  } else if (error) {
    overlay ??= overlayElement();
    document.body.append(overlay.host);
    overlay.show(error);
  } else {
    overlay?.host.remove();
  }
}

// Browsers allow only a few connections to a server, so a shared worker holds a single one for all pages.
if ("SharedWorker" in globalThis) {
  const channel = new BroadcastChannel("dev-server");
  channel.onmessage = (message) => show(message.data);
  new SharedWorker("/dev-server/reload-worker.js", { name: "dev-server" });
}
