// Starts the servers, and kills, restarts and publishes as a page asks it to: `node tests/interop/control.js` prints its address.
// NCHAN_MODULES is the folder of nginx's modules, PLAIN_SSE the built dev-server/examples/plain_sse.rs. It ends, with all that it
// has started, when it is told to or the process that started it has gone.
//
// GET /addresses · POST /kill?name= · POST /start?name= · POST /publish?channel=&from=&count=&type=&node= · POST /storm?channel=&count=

import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, createServer, request as ask } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { pause, startAll, until } from './processes.js';

const running = [];
const folder = await mkdtemp(join(tmpdir(), 'eventsource-interop-'));
running.push(() => rm(folder, { recursive: true, force: true }));

let ending = false;
async function end(status) {
  if (ending) return;
  ending = true;
  for (const stop of running.reverse()) await stop();
  process.exit(status);
}
process.on('SIGTERM', () => end(0));
process.on('SIGINT', () => end(0));
const parent = process.ppid;
setInterval(() => { if (process.ppid !== parent) end(1); }, 500);

const servers = await startAll(folder, { modules: process.env.NCHAN_MODULES, plain: process.env.PLAIN_SSE }, running)
  .catch(async (error) => { console.error(error); await end(1); });

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Publishes one message; gives the status, 0 where nobody answers. */
function post(server, channel, data, type) {
  return new Promise((resolve) => {
    const headers = type === undefined ? {} : { 'x-eventsource-event': type };
    const sent = ask(`${server.origin}/publish/${channel}`, { method: 'POST', headers, agent, timeout: 5000 }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(0));
    sent.end(`${data}`);
  });
}

async function publish({ channel, from = 0, count, type, node = 'nchan1' }) {
  for (let n = Number(from); n < Number(from) + Number(count); n += 1) {
    const status = await post(servers[node], channel, n, type);
    if (status !== 201 && status !== 202) throw new Error(`${node} answered ${status} to message ${n}`);
  }
}

/** Until a node takes messages: it has found Redis. */
const takes = (node) => until(`${node} has found Redis`, async () => [201, 202].includes(await post(servers[node], 'probe', 'x')));

/**
 * Publishes while each node is killed and restarted, twice in turn, and then Redis. Messages go to the node that is up, and wait
 * while Redis is away: a message whose answer is lost may be there or not, and would be published twice.
 */
async function storm({ channel, count }) {
  const part = Math.floor(Number(count) / 5);
  for (let n = 0; n < 4; n += 1) {
    const [victim, other] = n % 2 === 0 ? ['nchan1', 'nchan2'] : ['nchan2', 'nchan1'];
    await publish({ channel, from: n * part, count: part / 4, node: victim });
    await servers[victim].kill();
    await publish({ channel, from: n * part + part / 4, count: part / 2, node: other });
    await servers[victim].start();
    await takes(victim);
    await publish({ channel, from: n * part + (part * 3) / 4, count: part / 4, node: victim });
  }
  await publish({ channel, from: 4 * part, count: part / 2 });
  await servers.redis.kill();
  await pause(300);
  await servers.redis.start();
  await takes('nchan1');
  await takes('nchan2');
  await publish({ channel, from: 4.5 * part, count: part / 2 });
}

const actions = {
  addresses: () => Object.fromEntries(Object.values(servers).map(({ name, origin }) => [name, origin])),
  kill: async ({ name }) => servers[name].kill(),
  start: async ({ name }) => {
    await servers[name].start();
    if (name.startsWith('nchan')) await takes(name);
  },
  publish,
  storm,
};

const control = createServer(async (request, response) => {
  response.setHeader('access-control-allow-origin', '*');
  const url = new URL(request.url, 'http://127.0.0.1');
  try {
    const action = actions[url.pathname.slice(1)];
    if (action === undefined) return void response.writeHead(404).end(`There are ${Object.keys(actions)}.\n`);
    const result = await action(Object.fromEntries(url.searchParams));
    response.end(JSON.stringify(result ?? null));
  } catch (error) {
    console.error(error);
    response.writeHead(500).end(`${error.stack}\n`);
  }
});
control.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${control.address().port}`));
