// A process with one client, so that what it throws, and the time that it takes, is its own: `fork(host.js, ['file', path])`, or
// `['command', command]`. It opens and closes sources as it is told to, and tells what they see.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { byCommand } from './command.js';
import { brief } from './judge.js';
import { holdSources } from './support/sources.js';

const [kind, given] = process.argv.slice(2);
const tell = (what) => { if (process.connected) process.send(what); };

process.on('uncaughtException', (error) => tell({ uncaught: String(error) }));
process.on('unhandledRejection', (error) => tell({ uncaught: String(error) }));

const client = kind === 'command' ? byCommand(given) : await import(pathToFileURL(given));

/** The client's version, from the package that it is from. */
function version() {
  if (kind === 'command') return undefined;
  const require = createRequire(import.meta.url);
  const folder = client.folder ?? join(import.meta.dirname, 'node_modules', client.from);
  try {
    return require(join(folder, 'package.json')).version;
  } catch {
    return undefined;
  }
}

// Made brief here, as long data would take the time of the process that measures.
const sources = holdSources(client, ({ message, ...told }) => tell(message === undefined ? told : { ...told, seen: brief(message) }));

process.on('message', sources.order);
// Whoever started this is gone.
process.on('disconnect', () => {
  sources.closeAll();
  process.exit();
});

tell({ ready: { name: client.from, version: version(), note: client.note } });
