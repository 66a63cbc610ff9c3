// A folder as a stranger's project: tools from the lock file, the package from its tarball, then what is built with them.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { writeSnippets } from './snippets.js';

const execute = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Where it is all built. */
export const work = process.env.WORK;
export const installed = join(work, 'node_modules/eventsource-wasm');

/** The address of the servers of tests/answers, where they run. */
let answers = '';

export function answersAt(address) {
  answers = address;
}

/** Runs a program in a folder; what it says is part of the error when it fails. */
async function runIn(folder, program, ...given) {
  return (await execute(program, given, { cwd: folder, env: { ...process.env, ANSWERS: answers, NEXT_TELEMETRY_DISABLED: '1' } })).stdout;
}

/** The same, in the folder for all that has none of its own. */
export const run = (program, ...given) => runIn(work, program, ...given);

/** Runs a tool that the folder has. */
export const tool = (name, ...given) => run(join(work, 'node_modules/.bin', name), ...given);

let packed;
/** Packs the package, once; gives what npm says of the tarball. */
export const pack = () => packed ??= packOnce();

async function packOnce() {
  await mkdir(work, { recursive: true });
  const [said] = JSON.parse(await run('npm', 'pack', process.env.PACKAGE, '--json', '--pack-destination', work));
  return { ...said, tarball: join(work, said.filename) };
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

/** Examples with a server of their own. They stand beside the folder, not in it: so they have nothing but what they depend on. */
export const applications = ['chat', 'next', 'sveltekit'];
const MADE = new Set(['node_modules', 'dist', 'build', '.next', '.svelte-kit']);

const building = new Map();

const folderOf = (name) => join(`${work}-applications`, name);

/** Is there when an example has been built. */
const markOf = (name) => join(folderOf(name), 'built');

export const isBuilt = (name) => existsSync(markOf(name));

/** Installs and builds an example, once in a run of all steps; gives its folder. */
export function application(name) {
  if (!building.has(name)) building.set(name, buildApplication(name));
  return building.get(name);
}

/** Builds them all at once, which takes less time than one after the other. Who asks for one is told why it can't be built. */
export const buildApplications = () => Promise.allSettled(applications.map(application));

async function buildApplication(name) {
  const folder = folderOf(name);
  if (isBuilt(name)) return folder;
  await rm(folder, { recursive: true, force: true });
  await cp(join(root, 'examples', name), folder, { recursive: true, filter: (path) => !MADE.has(basename(path)) });
  await takeTarball(folder, (await pack()).tarball);
  await runIn(folder, 'npm', 'ci', '--no-audit', '--no-fund');
  await runIn(folder, 'npm', 'run', 'build');
  await writeFile(markOf(name), '');
  return folder;
}

/** Runs a script of an example's manifest. */
export const script = async (name, given) => runIn(await application(name), 'npm', 'run', given);

/** Puts the tarball in the place of the published package, in the manifest and in the lock file. */
async function takeTarball(folder, tarball) {
  const address = `file:${tarball}`;
  const change = async (file, body) => {
    const path = join(folder, file);
    const content = JSON.parse(await readFile(path, 'utf8'));
    body(content);
    await writeFile(path, JSON.stringify(content));
  };
  await change('package.json', ({ dependencies }) => { dependencies['eventsource-wasm'] = address; });
  await change('package-lock.json', ({ packages }) => {
    packages[''].dependencies['eventsource-wasm'] = address;
    Object.assign(packages['node_modules/eventsource-wasm'], { resolved: address, integrity: undefined });
  });
}
