import { listener } from './class.js';

export default () => listener({ transport: 'native', reconnect: true });
