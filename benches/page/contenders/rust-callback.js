import { reader } from './rust.js';

export default () => reader('listen', 'native', false);
