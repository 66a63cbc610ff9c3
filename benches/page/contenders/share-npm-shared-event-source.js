import { share } from './share.js';

export default () => share('shared-event-source');
