// Serves a folder, and the streams of a dev server beside it: `node examples/serve.mjs FOLDER [DEV_SERVER]`.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Serves `folder`, and `pkg` as /pkg where the folder has none; gives the server, which listens. */
export async function serve({ folder, pkg, events, port = 0, headers = {} }) {
  const server = createServer(async (asked, answer) => {
    const { pathname } = new URL(asked.url, 'http://localhost');
    if (pathname === '/events') return forward(asked, answer, new URL(asked.url, events));
    const path = decodeURIComponent(pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    const file = await within(folder, path) ?? (pkg !== undefined && path.startsWith('/pkg/') ? await within(pkg, path.slice(4)) : undefined);
    if (file === undefined) {
      answer.writeHead(404, { 'content-type': 'text/plain', ...headers }).end('No such file.\n');
    } else {
      answer.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', ...headers });
      createReadStream(file).pipe(answer);
    }
  });
  await new Promise((listens, fails) => { server.once('error', fails).listen(port, '127.0.0.1', listens); });
  return server;
}

async function within(folder, path) {
  const file = resolve(join(folder, path));
  if (!file.startsWith(resolve(folder) + sep)) return undefined;
  return (await stat(file).catch(() => undefined))?.isFile() ? file : undefined;
}

function forward(asked, answer, url) {
  const there = request(url, { method: asked.method, headers: { ...asked.headers, host: url.host } }, (given) => {
    answer.writeHead(given.statusCode, given.headers);
    // Ends with its other end, on both sides.
    given.on('close', () => answer.destroy()).pipe(answer);
  });
  there.on('error', () => answer.destroy());
  answer.on('close', () => there.destroy());
  asked.pipe(there);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, events = 'http://127.0.0.1:8000'] = process.argv.slice(2);
  if (folder === undefined) {
    console.error('Usage: node examples/serve.mjs FOLDER [DEV_SERVER]');
    process.exit(2);
  }
  const pkg = fileURLToPath(new URL('../target/npm', import.meta.url));
  const server = await serve({ folder, pkg, events, port: 8080 });
  console.log(`http://127.0.0.1:${server.address().port}`);
}
