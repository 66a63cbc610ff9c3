import { subscriber } from './rust.js';

export default () => subscriber('fetch', true);
