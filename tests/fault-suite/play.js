// Puts a client through faults: all of them at the same time, as it does little but wait.

import { setTimeout as pause } from 'node:timers/promises';

import { freePort } from '../js/free_port.js';
import { url } from './faults.js';
import { brief, isSettled, judge } from './judge.js';
import { Sent, Server } from './server.js';

/** How long the server is away. */
const AWAY = 1000;
/** How long a client is watched that has all it wanted: whether more comes. */
const AFTERWARDS = 300;
/** The same for one that was told to ask no more: longer than it was told to wait before. */
const OBEYS = 1500;
/** How many messages have come when the server goes away, and how long they may take. */
const SEEN = 5;
const SEEN_LIMIT = 5000;

/** What became of a client, by fault. */
export async function play(program, client, faults) {
  const sent = new Sent();
  const servers = {};
  for (const name of ['main', 'late', 'restarted']) servers[name] = new Server(program, await freePort(), sent);
  try {
    await Promise.all([servers.main.start(), servers.restarted.start()]);
    const restarts = faults.filter(({ server }) => server === 'restarted').length;
    const ready = counter(restarts);
    const playing = Promise.all(faults.map((fault, n) => (
      one({ client, fault, server: servers[fault.server], token: `fault-${n}`, sent, onReady: ready.count })
    )));
    const [results] = await Promise.all([playing, goAway(servers.restarted, ready.all, restarts), comeLate(servers.late)]);
    return results;
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
  }
}

async function comeLate(server) {
  await pause(AWAY);
  await server.start();
}

async function goAway(server, ready, restarts) {
  if (restarts === 0) return;
  await Promise.race([ready, pause(SEEN_LIMIT)]);
  await server.stop();
  await pause(AWAY);
  await server.start();
}

/** Keeps a promise when it has counted so far. */
function counter(expected) {
  let left = expected;
  let done;
  const all = new Promise((resolve) => { done = resolve; });
  return { all, count: () => { left -= 1; if (left === 0) done(); } };
}

async function one({ client, fault, server, token, sent, onReady }) {
  const expect = fault.expect.map((data) => (data === 'gap' ? data : brief({ data })));
  const known = { ...fault, expect };
  const state = { seen: [], closed: undefined };
  const began = performance.now();
  await new Promise((resolve) => {
    const late = setTimeout(resolve, fault.limit);
    client.open(token, url(server.origin, fault, token), ({ seen, closed }) => {
      if (seen !== undefined) {
        state.seen.push(seen);
        if (fault.server === 'restarted' && state.seen.length === SEEN) onReady();
      }
      state.closed ??= closed;
      if (!isSettled(known, state)) return;
      clearTimeout(late);
      resolve();
    });
  });
  const took = performance.now() - began;
  await pause(fault.stops === undefined ? AFTERWARDS : OBEYS);
  const requests = fault.stops === undefined ? undefined : await server.requests(token);
  client.close(token);
  const delivered = sent.of(token);
  // The log may be a little late, and a stream that nobody reads ends when that is noticed.
  for (let tries = 0; delivered.open > 0 && tries < 150; tries += 1) await pause(20);
  const { events, connections, pauses } = delivered;
  return { ...judge(known, { ...state, requests, pauses }), closed: state.closed, sent: events, connections, took };
}
