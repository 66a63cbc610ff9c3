// The npm package as `node npm/build.mjs` makes it, in PACKAGE or in target/npm.

import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const folder = process.env.PACKAGE ?? fileURLToPath(new URL('../../../target/npm', import.meta.url));
const { EventSource } = await import(pathToFileURL(join(folder, 'index.js')));

export const ours = { from: 'eventsource-wasm', folder, EventSource };
