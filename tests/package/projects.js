// A folder as a stranger's project: tools from the lock file, the package from its tarball, then what is built with them.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { writeSnippets } from './snippets.js';

const execute = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Where it is all built. */
export const work = process.env.WORK;
export const installed = join(work, 'node_modules/eventsource-wasm');

/** Runs a program in the folder; what it says is part of the error when it fails. */
export async function run(program, ...given) {
  return (await execute(program, given, { cwd: work, env: { ...process.env, ANSWERS: answers } })).stdout;
}

/** The address of the servers of tests/answers, where they run. */
let answers = '';

export function answersAt(address) {
  answers = address;
}

/** Runs a tool that the folder has. */
export const tool = (name, ...given) => run(join(work, 'node_modules/.bin', name), ...given);

/** Packs the package; gives what npm says of the tarball. */
export async function pack() {
  await mkdir(work, { recursive: true });
  const [packed] = JSON.parse(await run('npm', 'pack', process.env.PACKAGE, '--json', '--pack-destination', work));
  return { ...packed, tarball: join(work, packed.filename) };
}

/** Installs tools and tarball, once. */
export async function install() {
  if (existsSync(join(work, 'installed'))) return;
  const { tarball } = await pack();
  await cp(join(root, 'examples/vite'), work, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) await cp(join(here, file), join(work, file));
  await cp(join(here, 'projects'), work, { recursive: true });
  await cp(join(root, 'tests/js/pages/answer_cases.js'), join(work, 'node/answer_cases.js'));
  await writeSnippets(work);
  await cp(join(root, 'examples/tanstack-query'), join(work, 'tanstack-query'), { recursive: true });
  await run('npm', 'ci', '--no-audit', '--no-fund');
  await run('npm', 'install', '--no-save', '--no-audit', '--no-fund', tarball);
  // What `wasm-pack build` makes without a word, beside it.
  await cp(process.env.BUNDLER_PACKAGE, join(work, 'node_modules/eventsource-wasm-bundler'), { recursive: true });
  await writeFile(join(work, 'installed'), '');
}

/** How each folder of a built page comes to be. */
export const builds = {
  'vite build': { folder: 'dist', build: () => tool('vite', 'build') },
  'vite build, with workers': { folder: 'workers/dist', build: () => tool('vite', 'build', 'workers') },
  webpack: { folder: 'webpack/dist', build: () => tool('webpack', '--config', 'webpack/webpack.config.js') },
  'webpack, with what wasm-pack builds for bundlers': {
    folder: 'webpack/dist-bundler',
    build: () => tool('webpack', '--config', 'webpack/webpack.config.js', '--env', 'bundler'),
  },
};

/** Tests for pages, of each framework. */
const frameworks = { folder: 'frameworks/dist', build: () => tool('vite', 'build', 'frameworks') };

/** Builds a page, once; gives its folder. */
export async function built(name) {
  const { folder, build } = { ...builds, frameworks }[name];
  if (!existsSync(join(work, folder))) await build();
  return join(work, folder);
}
