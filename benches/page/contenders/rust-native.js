import { subscriber } from './rust.js';

export default () => subscriber('native', false);
