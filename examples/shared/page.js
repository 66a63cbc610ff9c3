import { EventSource, listMessages } from './pkg/index.js';

const element = (id) => document.querySelector(`#${id}`);
const parts = {
  leader: 'has the connection',
  follower: 'gets what another tab posts',
  unsupported: 'has a connection of its own, because this browser can\'t share one here',
};

const source = new EventSource('/events', { share: true, reconnect: true });

function show({ name, shared }) {
  element('part').textContent = parts[shared] ?? '';
  element('state').textContent = name;
  document.title = `${shared === 'leader' ? '★ ' : ''}${name}`;
}

show(source.state);
source.addEventListener('statechange', ({ detail }) => show(detail));
listMessages(element('messages'), source);

element('open').onclick = () => open(location.href);
// If it leads, another tab's source goes on after the last message.
element('close').onclick = () => source.close();
