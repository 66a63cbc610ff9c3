// Keeps the latest that each page has told (tab.js).

const lives = new Map();

const channel = new BroadcastChannel('tabs');
channel.onmessage = ({ data }) => lives.set(data.id, data);

globalThis.lives = () => [...lives.values()];
globalThis.forget = () => lives.clear();
/** Has a tab do nothing else for a time. */
globalThis.block = (name, milliseconds) => channel.postMessage({ block: name, milliseconds });
