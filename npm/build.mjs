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

function run(program, given, env = {}) {
  execFileSync(program, given, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'inherit'] });
}

/** Messages of panics have the paths of sources; those of this machine are nobody's business. */
const withoutPaths = {
  CARGO_ENCODED_RUSTFLAGS: [`${root}=`, `${process.env.CARGO_HOME ?? join(homedir(), '.cargo')}=cargo`].map((to) => `--remap-path-prefix=${to}`).join('\x1f'),
  // What others build is built without, and would be built anew each time.
  CARGO_TARGET_DIR: join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'published'),
};

if (!existsSync(join(here, 'node_modules/esbuild'))) run('npm', ['ci', '--prefix', 'npm', '--no-audit', '--no-fund']);
const { build } = await import('esbuild');

const generated = await mkdtemp(join(tmpdir(), 'eventsource-npm-'));
try {
  // Bytes count when a page is loaded.
  const small = ['profile.release.opt-level="z"', 'profile.release.package.eventsource-wasm.opt-level="z"'];
  const named = ['--target', 'web', '--out-name', 'eventsource_wasm', '--out-dir', generated];
  run('wasm-pack', ['build', 'npm/wasm', ...named, '--', ...small.flatMap((setting) => ['--config', setting])], withoutPaths);
  // As methods these functions have their names by themselves; keepNames would say each a second time.
  const glue = join(generated, 'eventsource_wasm.js');
  const functions = await readFile(glue, 'utf8');
  await writeFile(glue, functions.replaceAll(/^( +__wb\w+): function\(/gm, '$1('));
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await build({
    entryPoints: [join(here, 'index.js')],
    outfile: join(out, 'index.js'),
    alias: { generated: glue },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    // `EventSource.name` is seen by scripts, other names by those who read a stack.
    keepNames: true,
    logLevel: 'warning',
  });
  const types = await Promise.all(['npm/init.d.ts', 'frontend/src/js/types.d.ts'].map((file) => readFile(join(root, file), 'utf8')));
  await writeFile(join(out, 'index.d.ts'), types.join(''));
  for (const file of ['README.md', 'LICENSE-MIT', 'LICENSE-APACHE']) await cp(join(root, file), join(out, file));
  await cp(join(generated, 'eventsource_wasm_bg.wasm'), join(out, 'eventsource_wasm_bg.wasm'));
  // Cargo.toml says these once for both.
  const { version, license, repository } = JSON.parse(await readFile(join(generated, 'package.json'), 'utf8'));
  const { name, description, ...others } = JSON.parse(await readFile(join(here, 'manifest.json'), 'utf8'));
  const manifest = { name, version, description, license, repository: { ...repository, url: `git+${repository.url}.git` }, ...others };
  await writeFile(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
} finally {
  await rm(generated, { recursive: true, force: true });
}
