import { EventSource } from 'eventsource';
import { onmessage } from './onmessage.js';

export default async () => onmessage((url) => new EventSource(new URL(url, location.href)));
