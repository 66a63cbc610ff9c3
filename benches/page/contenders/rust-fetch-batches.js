import { reader } from './rust.js';

export default () => reader('read_batches', 'fetch', false);
