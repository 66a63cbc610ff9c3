import init, { EventSource, listMessages } from 'eventsource-wasm';

init().then(() => listMessages(document.querySelector('#messages'), new EventSource('/events')));
