// The package's entry: the class, which loads the WebAssembly when an option needs it.

import { start } from './start.js';

export { EventSource } from 'class/event_source.js';
export { MessageList, listMessages } from 'class/list_messages.js';

export default function init(given = undefined) {
  return start(given);
}
