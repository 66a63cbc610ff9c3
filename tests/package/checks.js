// What needs no browser.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

import { test } from '../js/report.js';
import { startAnswers } from '../js/server.js';
import { answersAt, application, applications, buildApplications, built, builds, install, installed, pack, run, script, tool, work } from './projects.js';
import { isRendered, rendered, startRendered } from './rendered.js';
import { namesIn } from './snippets.js';

const FRAMEWORKS = ['react', 'svelte', 'vue'];
const FILES = [
  'LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'eventsource_wasm_bg.wasm', 'eventsource_wasm_share_bg.wasm', 'frameworks.d.ts', 'index.d.ts', 'index.js', 'package.json',
  'sync-share.d.ts', 'sync-share.js', 'sync.d.ts', 'sync.js', 'webassembly.js', 'webassembly_share.js', ...FRAMEWORKS.flatMap((name) => [`${name}.d.ts`, `${name}.js`]),
].sort();
/** What the entries share. Its name changes with what is in it. */
const PART = /^chunk-\w{8}\.js$/;
const root = fileURLToPath(new URL('../..', import.meta.url));
/** Bytes of what a page loads, each file gzipped: without options, with any but `share`, and with that; and what a framework adds. */
const LARGEST = { first: 12_000, options: 96_500, share: 130_500, framework: 2_000 };

/** What a script of the package imports, directly and through what that imports. */
async function importsOf(file, dynamic, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  const text = await readFile(join(process.env.PACKAGE, file), 'utf8');
  const imports = dynamic ? /(?:from|import\()"\.\/([^"]+)"/g : /from"\.\/([^"]+)"/g;
  for (const [, other] of text.matchAll(imports)) await importsOf(other, dynamic, found);
  return found;
}

/** The bytes, gzipped, that a page loads without options, with any but `share`, and with that. */
async function sizes() {
  const weigh = async (names) => {
    const each = await Promise.all([...names].map(async (file) => gzipSync(await readFile(join(process.env.PACKAGE, file)), { level: 9 }).length));
    return each.reduce((sum, size) => sum + size);
  };
  const first = await importsOf('index.js', false);
  return {
    first: await weigh(first),
    options: await weigh([...first, 'webassembly.js', 'eventsource_wasm_bg.wasm']),
    share: await weigh([...first, 'webassembly_share.js', 'eventsource_wasm_share_bg.wasm']),
  };
}

/** Runs a module in Node, beside the installed package. */
async function inNode(source) {
  const { stdout } = await promisify(execFile)('node', ['--input-type=module', '--eval', source], { cwd: work, timeout: 60_000 });
  return JSON.parse(stdout);
}

/** The tables of a Markdown text, by the headings that they stand under: the names in each row's first cell. */
function tablesOf(text) {
  const tables = {};
  let heading;
  for (const line of text.split('\n')) {
    heading = /^#+ (.+)/.exec(line)?.[1] ?? heading;
    const [, cell] = /^\|(`.+?)\|/.exec(line) ?? [];
    if (cell !== undefined) (tables[heading] ??= []).push(...[...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
  }
  return tables;
}

export async function checks(running) {
  const { files, tarball } = await pack();
  answersAt(process.env.EVENTSOURCE_TEST_ANSWERS ?? await startAnswers(running));

  await test('the tarball has these files and no other', async () => {
    const paths = files.map(({ path }) => path);
    assert.deepEqual(paths.filter((path) => !PART.test(path)).sort(), FILES);
    const entries = ['index', 'sync', 'sync-share', ...FRAMEWORKS].map((name) => importsOf(`${name}.js`, true));
    const needed = new Set((await Promise.all(entries)).flatMap((found) => [...found]));
    assert.deepEqual(paths.filter((path) => path.endsWith('.js')).sort(), [...needed].sort());
  });

  await test('the package is as small as it was', async ({ note }) => {
    const { first, options, share } = await sizes();
    note(`without options ${first}, with any ${options}, with share ${share} bytes, gzipped`);
    const isSmall = first <= LARGEST.first && options <= LARGEST.options && share <= LARGEST.share;
    assert.ok(isSmall, `${first}, ${options} and ${share} bytes are more than ${Object.values(LARGEST)}`);
  });

  await test('what there is for frameworks is small, and takes the class from where the application takes it', async ({ note }) => {
    const class_ = await importsOf('index.js', true);
    for (const name of FRAMEWORKS) {
      const file = `${name}.js`;
      assert.deepEqual([...await importsOf(file, true)].sort(), [file, ...class_].sort());
      assert.ok(!class_.has(file));
      const size = gzipSync(await readFile(join(process.env.PACKAGE, file)), { level: 9 }).length;
      note(`${name}: ${size} bytes, gzipped`);
      assert.ok(size <= LARGEST.framework, `${size} bytes are more than ${LARGEST.framework}`);
    }
    assert.match(await readFile(join(process.env.PACKAGE, 'react.js'), 'utf8'), /^"use client";/);
  });

  await test('no path of the machine that built it is in it', async () => {
    for (const file of FILES.filter((name) => /\.(js|wasm)$/.test(name)).concat([...await importsOf('sync.js', true)])) {
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
    assert.deepEqual(Object.keys(manifest.peerDependencies), FRAMEWORKS);
    assert.deepEqual(FRAMEWORKS.map((name) => manifest.peerDependenciesMeta[name]), FRAMEWORKS.map(() => ({ optional: true })));
    assert.deepEqual([manifest.scripts, manifest.dependencies, manifest.devDependencies], [undefined, undefined, undefined]);
  });

  await test('its README is that of the package, and has links only that work where npm shows it', async () => {
    const readme = await readFile(join(installed, 'README.md'), 'utf8');
    assert.equal(readme, await readFile(join(root, 'npm/README.md'), 'utf8'));
    const headings = [...readme.matchAll(/^#+ (.+)/gm)].map(([, text]) => `#${text.toLowerCase().replaceAll(/[^\w -]/g, '').replaceAll(' ', '-')}`);
    const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link);
    assert.deepEqual(links.filter((link) => !link.startsWith('https://') && !headings.includes(link)), []);
  });
  await test('its README tells every option, error and member', async () => {
    const types = await readFile(join(installed, 'index.d.ts'), 'utf8');
    const names = namesIn(types);
    const told = tablesOf(await readFile(join(installed, 'README.md'), 'utf8'));
    const platform = ['CONNECTING', 'OPEN', 'CLOSED', 'constructor', 'url', 'withCredentials', 'readyState', 'onopen', 'onmessage', 'onerror',
      'addEventListener', 'removeEventListener', 'close'];
    const backoff = names.Backoff.map((name) => `reconnect.${name}`);
    assert.deepEqual(told.Options.sort(), ['transport', ...names.SourceOptions, ...backoff].sort());
    assert.deepEqual(told['Options of the transport `fetch`'].sort(), names.FetchOptions.filter((name) => name !== 'transport').sort());
    assert.deepEqual(told['Options of `messages()`'].sort(), ['all', ...names.MessagesOptions].sort());
    assert.deepEqual(told['Options of `listMessages()`'].sort(), names.ListOptions.sort());
    assert.deepEqual(told.Errors.sort(), /^export type SourceError =(.*?);/ms.exec(types)[1].match(/\w+/g).sort());
    const members = told['Methods and properties'].map((text) => /^(?:EventSource\.)?(\w+)/.exec(text)?.[1]);
    assert.deepEqual(names.EventSource.filter((name) => !platform.includes(name) && !members.includes(name)), []);
    const hooks = told['What the hooks return'].map((text) => text.replace('()', ''));
    const returned = namesIn(await readFile(join(installed, 'frameworks.d.ts'), 'utf8'));
    assert.deepEqual(hooks.sort(), [...returned.SourceSnapshot, ...returned.SourceControls].sort());
  });
  await test('the READMEs tell how large it is', async () => {
    const { first, options, share } = await sizes();
    for (const path of ['README.md', 'npm/README.md']) {
      const text = await readFile(join(root, path), 'utf8');
      const [, ...told] = /loads ([\d.]+) KB of script while no source has options, ([\d.]+) KB in all when one has, and ([\d.]+) KB when one\s+shares/.exec(text);
      for (const [n, bytes] of [first, options, share].entries()) {
        assert.ok(Math.abs(told[n] * 1000 - bytes) < 0.05 * bytes, `${path} says ${told[n]} KB of ${bytes} bytes`);
      }
    }
  });
  await test('the snippets of the READMEs are strict TypeScript', async ({ note }) => {
    const listed = await tool('tsc', '--project', 'readme', '--listFiles');
    const snippets = listed.split('\n').filter((path) => /\/readme\/(npm|repository)-\d+\.tsx?$/.test(path));
    assert.ok(snippets.length >= 30, `there are ${snippets.length} only`);
    note(`${snippets.length} snippets`);
  });
  await test('so are the components in them, which can be compiled', async () => {
    const compiled = JSON.parse(await run('node', 'node/components.js'));
    for (const extension of ['.vue', '.svelte']) assert.equal(compiled.filter((name) => name.endsWith(extension)).length, 2);
  });

  await test('publint finds nothing', () => tool('publint', '--strict', installed));
  // A binary file has no types.
  await test('are the types wrong? no', () => tool('attw', tarball, '--profile', 'esm-only', '--exclude-entrypoints', './eventsource_wasm_bg.wasm', './eventsource_wasm_share_bg.wasm'));
  await test('tsc takes its types, with skipLibCheck off', () => tool('tsc'));
  await test('so it does those for frameworks, and the example with TanStack Query', () => tool('tsc', '--project', 'frameworks/types'));

  for (const name of Object.keys(builds)) await test(name, () => built(name));

  await test('what nobody imports is left out', async () => {
    const left = await tool('rolldown', 'unused.js', '--format', 'esm');
    assert.doesNotMatch(left, /wasm/i, left.slice(0, 1000));
  });

  await test('in Vitest: Node, jsdom and happy-dom, with MSW and without; and what the README shows', async ({ note }) => {
    const said = await tool('vitest', 'run', '--root', 'vitest', '--no-color');
    note(/Tests +(.+)/.exec(said)[1]);
  });

  await test('a program in Node reads an answer to its end', async () => {
    const server = createServer((request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end([1, 2, 3].map((n) => `data: ${n}\n\n`).join(''));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const seen = await inNode(`
        const { EventSource } = await import('eventsource-wasm');
        const source = new EventSource('http://127.0.0.1:${server.address().port}/', { transport: 'fetch', method: 'POST', body: 'why' });
        const seen = [];
        source.onmessage = ({ data }) => seen.push(data);
        source.addEventListener('statechange', ({ detail }) => {
          if (detail.name === 'closed') console.log(JSON.stringify([...seen, detail.reason]));
        });
      `);
      assert.deepEqual(seen, ['1', '2', '3', 'complete']);
    } finally {
      server.close();
    }
  });

  await test('in Node it does what clients of LLMs, MCP and GraphQL want', async ({ note }) => {
    const said = await run('node', '--test-reporter=tap', 'node/answers.js');
    note(`${/^# pass (\d+)/m.exec(said)[1]} cases`);
  });

  await test('in Node each entry finds its WebAssembly, once', async () => {
    for (const entry of ['eventsource-wasm', 'eventsource-wasm/sync', 'eventsource-wasm/sync-share']) {
      assert.deepEqual(await inNode(`
        const { default: init } = await import('${entry}');
        const [one, two] = await Promise.all([init(), init()]);
        console.log(JSON.stringify([one.memory instanceof WebAssembly.Memory, one.memory === two.memory]));
      `), [true, true], entry);
    }
    for (const [entry, file] of [['sync', 'eventsource_wasm_bg.wasm'], ['sync-share', 'eventsource_wasm_share_bg.wasm']]) {
      assert.equal(await inNode(`
        const { readFileSync } = await import('node:fs');
        const { initSync } = await import('eventsource-wasm/${entry}');
        const module = readFileSync(new URL(import.meta.resolve('eventsource-wasm/${file}')));
        console.log(JSON.stringify(initSync({ module }).memory instanceof WebAssembly.Memory));
      `), true, entry);
    }
  });

  await test('in Node a relative URL is refused with what to do, and resolved at a base', async () => {
    const { errors, urls } = await inNode(`
      const { EventSource } = await import('eventsource-wasm');
      const fetch = () => new Response('data: 1\\n\\n', { headers: { 'content-type': 'text/event-stream' } });
      const errors = [undefined, { transport: 'fetch', fetch }, { reconnect: true }].map((options) => {
        try {
          new EventSource('/events', options);
        } catch (error) {
          return [error instanceof DOMException, error.name, error.message];
        }
      });
      const urls = [];
      for (const options of [{}, { transport: 'fetch' }, { reconnect: true }]) {
        const source = new EventSource('events', { base: 'http://127.0.0.1:9/a/', ...options });
        urls.push(source.url);
        source.close();
      }
      const source = new EventSource('/answer', { base: new URL('http://127.0.0.1:9/a/'), transport: 'fetch', method: 'POST', fetch });
      for await (const { data } of source) urls.push(source.url, data);
      console.log(JSON.stringify({ errors, urls }));
    `);
    for (const [isDomException, name, message] of errors) {
      assert.deepEqual([isDomException, name], [true, 'SyntaxError']);
      assert.match(message, /"\/events" is not a valid URL; .*absolute.* base: /);
    }
    const resolved = 'http://127.0.0.1:9/a/events';
    assert.deepEqual(urls, [resolved, resolved, resolved, 'http://127.0.0.1:9/answer', '1']);
  });

  await test('in Node it may be imported, and reads a stream over fetch', async () => {
    const seen = await inNode(`
      const had = typeof window;
      const { default: init, ...exported } = await import('eventsource-wasm');
      const said = (body) => { try { body(); } catch (error) { return error.message; } };
      const { createServer } = await import('node:http');
      const server = createServer((request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.end('data: ' + request.headers.accept + '\\n\\n');
      }).listen(0, '127.0.0.1');
      await new Promise((resolve) => { server.on('listening', resolve); });
      const source = new exported.EventSource('http://127.0.0.1:' + server.address().port + '/events');
      const state = source.state.name;
      const { data } = await new Promise((resolve) => { source.onmessage = resolve; });
      source.close();
      server.close();
      console.log(JSON.stringify({
        had,
        names: Object.keys(exported).sort(),
        state,
        data,
        relative: said(() => new exported.EventSource('/events')),
        loaded: (await init()).memory instanceof WebAssembly.Memory,
        file: import.meta.resolve('eventsource-wasm/eventsource_wasm_bg.wasm').split('/').pop(),
      }));
    `);
    assert.equal(seen.had, 'undefined');
    assert.deepEqual(seen.names, ['EventSource', 'MessageList', 'listMessages']);
    assert.deepEqual([seen.state, seen.data, seen.loaded], ['connecting', 'text/event-stream', true]);
    assert.match(seen.relative, /use an absolute one/);
    assert.equal(seen.file, 'eventsource_wasm_bg.wasm');
  });

  await test('frameworks render on a server what is there before a source is open, and open none', async () => {
    const { shown, asked } = JSON.parse(await run('node', 'frameworks/server.js'));
    assert.deepEqual(shown, ['CONNECTING', 'CONNECTING', 'CLOSED'].map((status) => FRAMEWORKS.map(() => `${status} null 0`)));
    assert.deepEqual(asked, ['/last']);
  });

  const building = buildApplications();
  for (const name of applications) await test(`the example ${name}: npm ci and npm run build`, () => application(name));
  await building;
  await test('svelte-check finds nothing in the example sveltekit', () => script('sveltekit', 'check'));
  for (const name of rendered) {
    await test(`the example ${name} renders on its server what is there before a source is open`, async () => {
      const server = await startRendered(name);
      try {
        await isRendered(server.url);
      } finally {
        await server.stop();
      }
    });
  }
}
