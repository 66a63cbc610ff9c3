// As sync.js, with the build that shares connections.

import * as core from './webassembly_share.js';

import { syncWith } from './init_sync.js';
import { bringWith } from './start.js';

export { EventSource, MessageList, default, listMessages } from './index.js';

bringWith(core, { share: true });

export const initSync = syncWith(core);
