import { share } from './share.js';

export default () => share('none');
