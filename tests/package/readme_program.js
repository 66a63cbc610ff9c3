// Makes a package of what the README shows for Rust: `node tests/package/readme_program.js FOLDER`.
//
// Its dependencies are those that the README lists, its source is the snippet as displayed, and its page loads it as the README
// says, and shows as `<li>` what it writes to the console. Only that the package comes from this repository is added.

import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { snippetsOf } from './snippets.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = process.argv[2];
assert.ok(folder, 'Usage: node tests/package/readme_program.js FOLDER');

const snippets = [...snippetsOf(await readFile(join(root, 'README.md'), 'utf8'))];
const [dependencies, program] = ['toml', 'rust'].map((wanted) => snippets.filter(({ language }) => language === wanted));
assert.equal(dependencies.length, 1, 'the README lists dependencies once');
assert.equal(program.length, 1, 'the README has one program in Rust');

await mkdir(join(folder, 'src'), { recursive: true });
await writeFile(join(folder, 'Cargo.toml'), `[workspace]

[package]
name = "readme-program"
version = "0.1.0"
edition = "2024"

[lib]
crate-type = ["cdylib"]

${dependencies[0].text}
[patch.crates-io]
eventsource-wasm = { path = ${JSON.stringify(root)} }
`);
// The same packages, in the same versions.
await copyFile(join(root, 'examples/rust-plain/Cargo.lock'), join(folder, 'Cargo.lock'));
await writeFile(join(folder, 'src/lib.rs'), program[0].text);
await writeFile(join(folder, 'index.html'), `<!doctype html>
<meta charset="utf-8">
<ul></ul>
<script type="module">
  console.log = (text) => document.querySelector('ul').append(Object.assign(document.createElement('li'), { textContent: text }));
</script>
<script type="module">import init from './pkg/readme_program.js'; init();</script>
`);
