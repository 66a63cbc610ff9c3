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

const generated = await mkdtemp(join(tmpdir(), 'eventsource-npm-'));
try {
  // Bytes count when a page is loaded.
  const small = ['profile.release.opt-level="z"', 'profile.release.package.eventsource-wasm.opt-level="z"'];
  const named = ['--target', 'web', '--out-name', 'eventsource_wasm', '--out-dir', generated];
  run('wasm-pack', ['build', 'npm/wasm', ...named, '--', ...small.flatMap((setting) => ['--config', setting])], { env: withoutPaths });
  const wasm = join(generated, 'eventsource_wasm_bg.wasm');
  const glue = join(generated, 'eventsource_wasm.js');
  const [, snippets] = /from '(\.\/snippets\/[^/]+\/frontend\/src\/js)\//.exec(await readFile(glue, 'utf8'));
  await shorten(wasm, glue);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const common = { bundle: true, format: 'esm', target: 'es2022', minify: true, logLevel: 'warning', outdir: out };
  const snippet = (file) => join(generated, snippets, file);
  await build({
    ...common,
    entryPoints: [join(here, 'index.js'), join(here, 'sync.js')],
    alias: { class: join(generated, snippets) },
    external: ['./webassembly.js'],
    splitting: true,
    chunkNames: '[name]-[hash]',
  });
  // They take the class from the entry that the application takes it from, and add nothing to that.
  await build({
    ...common,
    entryPoints: FRAMEWORKS.map((name) => join(here, `${name}.js`)),
    external: ['./index.js', 'react', 'svelte/*', 'vue'],
  });
  await build({ ...common, entryPoints: [join(here, 'webassembly.js')], plugins: [apart(glue, snippet('core_engine.js'))] });
  const read = (file) => readFile(join(root, file), 'utf8');
  await writeFile(join(out, 'index.d.ts'), (await read('npm/init.d.ts')) + (await read('frontend/src/js/types.d.ts')));
  for (const name of ['sync', 'frameworks', ...FRAMEWORKS]) await cp(join(here, `${name}.d.ts`), join(out, `${name}.d.ts`));
  await cp(join(here, 'README.md'), join(out, 'README.md'));
  for (const file of ['LICENSE-MIT', 'LICENSE-APACHE']) await cp(join(root, file), join(out, file));
  await cp(wasm, join(out, 'eventsource_wasm_bg.wasm'));
  // Cargo.toml says these once for both.
  const { version, license, repository } = JSON.parse(await readFile(join(generated, 'package.json'), 'utf8'));
  const { name, description, ...others } = JSON.parse(await readFile(join(here, 'manifest.json'), 'utf8'));
  const manifest = { name, version, description, license, repository: { ...repository, url: `git+${repository.url}.git` }, ...others };
  await writeFile(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
} finally {
  await rm(generated, { recursive: true, force: true });
}
