// Keeps the latest that each page has told (tab.js).

const lives = new Map();

new BroadcastChannel('tabs').onmessage = ({ data }) => lives.set(data.id, data);

globalThis.lives = () => [...lives.values()];
globalThis.forget = () => lives.clear();
