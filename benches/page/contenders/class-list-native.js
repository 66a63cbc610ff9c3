import { list } from './class.js';

export default () => list({ transport: 'native' });
