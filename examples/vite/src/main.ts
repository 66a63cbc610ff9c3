import { EventSource, type SourceState } from 'eventsource-wasm';

const messages = document.querySelector<HTMLUListElement>('#messages')!;
const shown = document.querySelector<HTMLParagraphElement>('#state')!;

function show(state: SourceState) {
  shown.textContent = state.name === 'waiting' ? state.cause.message : state.name;
}

const source = new EventSource('/events', { reconnect: { maxDelay: 10_000 } });
source.addEventListener('statechange', ({ detail }) => show(detail));
for await (const { data } of source.messages()) {
  const line = document.createElement('li');
  line.textContent = data;
  messages.append(line);
}
