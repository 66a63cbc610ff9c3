// Makes the npm package: `node npm/build.mjs [FOLDER]`, by default in target/npm. Needs wasm-pack, and wasm-opt on the PATH.
// wasm-pack writes no `exports`, and a module for each of the class's files, under a name that differs with every build.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const here = join(root, 'npm');
const out = resolve(process.argv[2] ?? join(root, 'target/npm'));

/** What scripts import the class from. */
const ENTRIES = ['index', 'sync', 'sync-share'];
/** Those that have an entry of their own. */
const FRAMEWORKS = ['react', 'svelte', 'vue'];

function run(program, given, { env = {}, stdout = 'inherit' } = {}) {
  return execFileSync(program, given, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', stdout, 'inherit'], encoding: 'utf8' });
}

/** Messages of panics have the paths of sources; those of this machine are nobody's business. */
const withoutPaths = {
  CARGO_ENCODED_RUSTFLAGS: [`${root}=`, `${process.env.CARGO_HOME ?? join(homedir(), '.cargo')}=cargo`].map((to) => `--remap-path-prefix=${to}`).join('\x1f'),
  // What others build is built without, and would be built anew each time.
  CARGO_TARGET_DIR: join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'published'),
};

if (!existsSync(join(here, 'node_modules/esbuild'))) run('npm', ['ci', '--prefix', 'npm', '--no-audit', '--no-fund']);
const { build } = await import('esbuild');

/**
 * Gives the WebAssembly's imports and exports short names, there and in wasm-bindgen's script (the glue): each has a hash of
 * 16 digits, twice, which no compression makes smaller.
 */
async function shorten(wasm, glue) {
  // No other features than those that Rust's own WebAssembly has: browsers and Node have had them for years.
  const features = ['bulk-memory', 'call-indirect-overlong', 'multivalue', 'mutable-globals', 'nontrapping-float-to-int', 'reference-types', 'sign-ext'];
  const list = run('wasm-opt', [wasm, '-o', wasm, ...features.map((feature) => `--enable-${feature}`), '--minify-imports-and-exports-and-modules', '-O'], { stdout: 'pipe' });
  const { imports, exports } = JSON.parse(list.replaceAll(/,\s*([\]}])/g, '$1'));
  const ofImports = new Map(imports.map(([, long, short]) => [long, short]));
  const ofExports = new Map(exports);
  const [module] = imports[0];
  let script = await readFile(glue, 'utf8');
  script = script.replaceAll(/^( +)(__wb\w+): function\(/gm, (_, indent, name) => `${indent}${ofImports.get(name)}(`);
  script = script.replaceAll(/\bwasm\.(\w+)/g, (all, name) => (ofExports.has(name) ? `wasm.${ofExports.get(name)}` : all));
  script = script.replace(`"${module}": import0`, 'a: import0');
  // With these names the other build's file would start too, and do anything.
  const start = 'wasm = instance.exports;';
  if (!script.includes(start)) throw new Error(`wasm-bindgen's script starts in another way than it did: there is no ${start}`);
  script = script.replace(start, `if (Object.keys(instance.exports).length !== ${exports.length}) throw new Error('it is the other build');\n    ${start}`);
  script += `\nexport const memory = () => wasm.${ofExports.get('memory')};\n`;
  const left = [...ofImports.keys(), ...exports.map(([name]) => `wasm.${name}`), module].filter((name) => script.includes(name) && !ofExports.has(name));
  if (left.length > 0) throw new Error(`wasm-bindgen's script names them in another way than it did: ${left.join(', ')}`);
  await writeFile(glue, script);
}

/** Takes what the class has from `bind`, which webassembly.js exports, in place of the class's modules. */
const apart = (glue, engine) => ({
  name: 'apart',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^generated$/ }, () => ({ path: glue }));
    onResolve({ filter: /^shared$/ }, () => ({ path: 'shared', namespace: 'shared' }));
    onResolve({ filter: /\/(core|engine|platform|event_source|list_messages)\.js$/ }, ({ importer }) => (
      importer === glue || importer === engine ? { path: 'shared', namespace: 'shared' } : undefined));
    onLoad({ filter: /.*/, namespace: 'shared' }, () => ({
      contents: `export const [CONNECTING, OPEN, CLOSED] = [0, 1, 2];
        export let Engine, makeSource, provide;
        export function bind(given) { ({ Engine, makeSource, provide } = given); }
        // What wasm-bindgen's script exports again, which nobody takes from here.
        export const [EventSource, MessageList, listMessages] = [];`,
    }));
  },
});

/** Has wasm-pack make a build in a folder; gives where things are in it. */
async function generate(folder, features) {
  // Bytes count when a page is loaded.
  const small = ['profile.release.opt-level="z"', 'profile.release.package.eventsource-wasm.opt-level="z"'];
  const named = ['--target', 'web', '--out-name', 'eventsource_wasm', '--out-dir', folder];
  run('wasm-pack', ['build', 'npm/wasm', ...named, '--', ...features, ...small.flatMap((setting) => ['--config', setting])], { env: withoutPaths });
  const wasm = join(folder, 'eventsource_wasm_bg.wasm');
  const glue = join(folder, 'eventsource_wasm.js');
  const [, snippets] = /from '(\.\/snippets\/[^/]+\/frontend\/src\/js)\//.exec(await readFile(glue, 'utf8'));
  await shorten(wasm, glue);
  return { wasm, glue, manifest: join(folder, 'package.json'), class: join(folder, snippets) };
}

/** The builds, by what the names of their files end with. Most pages share no connection, and what that takes is a third of it. */
const BUILDS = { '': [], _share: ['--features', 'share'] };

const generated = await mkdtemp(join(tmpdir(), 'eventsource-npm-'));
try {
  const made = {};
  for (const [name, features] of Object.entries(BUILDS)) made[name] = await generate(join(generated, `build${name}`), features);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const common = { bundle: true, format: 'esm', target: 'es2022', minify: true, logLevel: 'warning', outdir: out };
  await build({
    ...common,
    entryPoints: ENTRIES.map((name) => join(here, `${name}.js`)),
    alias: { class: made[''].class },
    external: Object.keys(BUILDS).map((name) => `./webassembly${name}.js`),
    splitting: true,
    chunkNames: '[name]-[hash]',
  });
  // They take the class from the entry that the application takes it from, and add nothing to that.
  await build({
    ...common,
    entryPoints: FRAMEWORKS.map((name) => join(here, `${name}.js`)),
    external: ['./index.js', 'react', 'svelte/*', 'vue'],
  });
  for (const [name, { glue, class: snippets, wasm }] of Object.entries(made)) {
    const entryPoints = { [`webassembly${name}`]: join(here, 'webassembly.js') };
    await build({ ...common, entryPoints, plugins: [apart(glue, join(snippets, 'core_engine.js'))] });
    await cp(wasm, join(out, `eventsource_wasm${name}_bg.wasm`));
  }
  const read = (file) => readFile(join(root, file), 'utf8');
  await writeFile(join(out, 'index.d.ts'), (await read('npm/init.d.ts')) + (await read('frontend/src/js/types.d.ts')));
  for (const name of ['sync', 'sync-share', 'frameworks', ...FRAMEWORKS]) await cp(join(here, `${name}.d.ts`), join(out, `${name}.d.ts`));
  await cp(join(here, 'README.md'), join(out, 'README.md'));
  for (const file of ['LICENSE-MIT', 'LICENSE-APACHE']) await cp(join(root, file), join(out, file));
  // Cargo.toml says these once for both.
  const { version, license, repository } = JSON.parse(await readFile(made[''].manifest, 'utf8'));
  const { name, description, ...others } = JSON.parse(await readFile(join(here, 'manifest.json'), 'utf8'));
  const manifest = { name, version, description, license, repository: { ...repository, url: `git+${repository.url}.git` }, ...others };
  await writeFile(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
} finally {
  await rm(generated, { recursive: true, force: true });
}
