import { reader } from './rust.js';

export default () => reader('read_batches', 'native', true);
