import { EventSource, listMessages } from 'eventsource-wasm-bundler';

listMessages(document.querySelector('#messages'), new EventSource('/events'));
