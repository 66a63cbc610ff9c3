const worker = new SharedWorker('worker.js', { type: 'module' });
const messages = document.querySelector('#messages');

worker.port.onmessage = ({ data: { state, message } }) => {
  if (state !== undefined) document.querySelector('#state').textContent = state;
  if (message === undefined) return;
  const line = document.createElement('li');
  line.textContent = message;
  messages.append(line);
};
worker.onerror = () => { document.querySelector('#state').textContent = 'the worker did not start: see the console'; };
