import { share } from './share.js';

export default () => share('class-fetch');
