import { iterator } from './class.js';

export default () => iterator({ transport: 'fetch' });
