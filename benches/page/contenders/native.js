// The browser's own EventSource with a handler that does nothing: the floor of that API.

import { onmessage } from './onmessage.js';

export default async () => onmessage((url) => new EventSource(url));
