// What needs no browser.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

import { test } from '../js/report.js';
import { built, builds, install, installed, pack, tool, work } from './projects.js';

const FILES = ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'eventsource_wasm_bg.wasm', 'index.d.ts', 'index.js', 'package.json'];
const root = fileURLToPath(new URL('../..', import.meta.url));
/** Bytes of what a page loads, each file gzipped. */
const LARGEST = 85_000;

/** Runs a module in Node, beside the installed package. */
async function inNode(source) {
  const { stdout } = await promisify(execFile)('node', ['--input-type=module', '--eval', source], { cwd: work });
  return JSON.parse(stdout);
}

export async function checks() {
  const { files, tarball } = await pack();

  await test('the tarball has these files and no other', async () => {
    assert.deepEqual(files.map(({ path }) => path).sort(), FILES);
  });

  await test('the package is as small as it was', async ({ note }) => {
    const sizes = await Promise.all(['index.js', 'eventsource_wasm_bg.wasm'].map(async (file) => gzipSync(await readFile(join(process.env.PACKAGE, file)), { level: 9 }).length));
    note(`index.js ${sizes[0]}, eventsource_wasm_bg.wasm ${sizes[1]} bytes, gzipped`);
    assert.ok(sizes[0] + sizes[1] <= LARGEST, `${sizes[0] + sizes[1]} bytes are more than ${LARGEST}`);
  });

  await test('no path of the machine that built it is in it', async () => {
    for (const file of ['index.js', 'eventsource_wasm_bg.wasm']) {
      const text = await readFile(join(process.env.PACKAGE, file), 'latin1');
      for (const path of [homedir(), root]) assert.ok(!text.includes(path), `${path} is in ${file}`);
    }
  });

  await test('npm ci and npm install of the tarball', install);

  await test('the manifest is ready to publish', async () => {
    const manifest = JSON.parse(await readFile(join(installed, 'package.json')));
    assert.equal(manifest.name, 'eventsource-wasm');
    assert.equal(manifest.type, 'module');
    assert.equal(manifest.license, 'MIT OR Apache-2.0');
    assert.match(manifest.version, /^\d+\.\d+\.\d+$/);
    assert.match(manifest.repository.url, /^git\+https:\/\/.+\.git$/);
    assert.ok(manifest.description.length > 40 && manifest.keywords.includes('eventsource'));
    assert.equal(Object.keys(manifest.exports['.'])[0], 'types');
    assert.deepEqual([manifest.scripts, manifest.dependencies, manifest.devDependencies], [undefined, undefined, undefined]);
  });

  await test('publint finds nothing', () => tool('publint', '--strict', installed));
  // A binary file has no types.
  await test('are the types wrong? no', () => tool('attw', tarball, '--profile', 'esm-only', '--exclude-entrypoints', './eventsource_wasm_bg.wasm'));
  await test('tsc takes its types, with skipLibCheck off', () => tool('tsc'));

  for (const name of Object.keys(builds)) await test(name, () => built(name));

  await test('what nobody imports is left out', async () => {
    const left = await tool('rolldown', 'unused.js', '--format', 'esm');
    assert.doesNotMatch(left, /wasm/i, left.slice(0, 1000));
  });

  await test('a server that renders pages may import it; opening there says what to do', async () => {
    const seen = await inNode(`
      const had = typeof window;
      const { default: init, ...exported } = await import('eventsource-wasm');
      const said = (body) => { try { body(); } catch (error) { return error.message; } };
      console.log(JSON.stringify({
        had,
        names: Object.keys(exported).sort(),
        opening: said(() => new exported.EventSource('/events')),
        loading: await init().catch(({ message }) => message),
        file: import.meta.resolve('eventsource-wasm/eventsource_wasm_bg.wasm').split('/').pop(),
      }));
    `);
    assert.equal(seen.had, 'undefined');
    assert.deepEqual(seen.names, ['EventSource', 'MessageList', 'initSync', 'listMessages']);
    assert.match(seen.opening, /await init\(\)/);
    assert.match(seen.loading, /call init\(\) in the browser only/);
    assert.equal(seen.file, 'eventsource_wasm_bg.wasm');
  });
}
