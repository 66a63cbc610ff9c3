// Tabs that share a stream are opened, closed, reloaded, hidden, shown and killed while it goes on, and its server is restarted.

import { until } from './windows.js';

const TABS = 8;
const RESTARTS = 1;

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export async function chaos({ note, url, options, readers, server, tabs, seed, count }) {
  note(`seed ${seed}`);
  const draw = random(seed);
  const one = (of) => of[Math.floor(draw() * of.length)];
  const done = {};
  const latest = async () => Math.max(-1, ...(await tabs.lives()).map((life) => life.last));

  /** Half of what happens happens to whoever leads. */
  async function victim() {
    const leads = draw() < 0.5;
    const tab = one(tabs.there);
    return (leads ? await tabs.leader() : undefined) ?? tab;
  }

  const open = async () => {
    const beside = tabs.hideEachOther && draw() < 0.5 ? one(tabs.there) : undefined;
    await tabs.open(url, options, beside);
  };
  const actions = {
    open,
    close: async () => tabs.close(await victim()),
    reload: async () => tabs.reload(await victim()),
    hide: async () => tabs.hide(await victim()),
    show: async () => tabs.show(await victim()),
    ...(tabs.canKill ? { kill: async () => tabs.kill(await victim()) } : {}),
  };
  // Tabs go in two ways.
  const names = [...Object.keys(actions), 'open'];

  for (let n = 0; n < TABS; n += 1) await open();
  let restarts = RESTARTS;
  // The rest of the stream is for those who are behind.
  const end = count * 0.85;
  for (let next = await latest(); next < end && (await latest()) < end; next += 50 + Math.floor(draw() * 400)) {
    // Or at once, where what was before has taken longer.
    await until(`anyone has message ${next}`, async () => (await latest()) >= next);
    let name = one(names);
    if (restarts > 0 && next > count / 2) {
      restarts -= 1;
      name = 'restart';
      await server.restart();
    } else {
      if (tabs.there.length < TABS / 2) name = 'open';
      if (tabs.there.length > TABS && name === 'open') name = 'close';
      await actions[name]();
    }
    done[name] = (done[name] ?? 0) + 1;
    if (process.env.TABS_TRACE) console.log(`${next} ${name}: ${tabs.there.map((tab) => tab.name)} ${readers}`);
  }

  const isDone = async () => (await tabs.all()).every(({ last }) => last >= count - 1);
  await until('those that are left have the last message', isDone, 180_000);
  await until('there is no connection', () => readers.now.length === 0);
  const [lives, left] = [await tabs.lives(), await tabs.all()];
  const led = lives.reduce((sum, life) => sum + life.led, 0);
  note(Object.entries(done).map(([name, times]) => `${name} ${times}`).join(', '));
  note(`${lives.length} pages, of which ${left.length} were left, ${led} leaders one after the other: ${led - 1} hand-overs`);
  note(readers.toString());
  const wrong = [
    ...lives.filter((life) => life.wrong.length > 0 || life.dropped > 0),
    ...left.filter((life) => life.last !== count - 1 || life.count !== count - life.first),
  ];
  if (wrong.length > 0) throw new Error(`messages are missing or come twice: ${JSON.stringify(wrong)}`);
  if (left.length < TABS / 2 - 1) throw new Error(`${left.length} tabs are left`);
  if (readers.most > 2) throw new Error(`there were ${readers.most} connections at once`);
  // Whoever is gone while it takes over has had a connection and never led.
  const gone = lives.length - left.length;
  if (readers.seen.size > led + RESTARTS + gone) throw new Error('there were more connections than leaders');
  if (readers.overlaps.length > led) throw new Error('two were connected at once more often than the connection was handed over');
}
