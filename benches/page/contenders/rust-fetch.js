import { subscriber } from './rust.js';

export default () => subscriber('fetch', false);
