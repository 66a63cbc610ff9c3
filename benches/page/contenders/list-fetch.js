import { list } from './rust.js';

export default () => list('fetch');
