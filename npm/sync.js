// The package with wasm-bindgen's script in it, which index.js loads when it is needed: for `initSync`, and for service workers,
// which load nothing later.

import * as core from './webassembly.js';

import { syncWith } from './init_sync.js';
import { bringWith } from './start.js';

export { EventSource, MessageList, default, listMessages } from './index.js';

bringWith(core, { share: false });

export const initSync = syncWith(core);
