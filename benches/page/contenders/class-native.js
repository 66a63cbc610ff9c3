import { ours } from './class.js';

export default () => ours({ transport: 'native' });
