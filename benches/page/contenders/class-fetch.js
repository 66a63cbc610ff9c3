import { listener } from './class.js';

export default () => listener({ transport: 'fetch' });
