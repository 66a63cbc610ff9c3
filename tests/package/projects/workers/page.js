// Vite finds workers by these very words.
const dedicated = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
const shared = new SharedWorker(new URL('./worker.js', import.meta.url), { type: 'module' });

// A message is shown when both have told one.
const told = new Set();
for (const port of [dedicated, shared.port]) {
  port.onmessage = ({ data }) => {
    told.add(port);
    if (told.size < 2) return;
    const line = document.createElement('li');
    line.textContent = data;
    document.querySelector('#messages').append(line);
  };
}
