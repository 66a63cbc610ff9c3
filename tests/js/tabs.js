// Tests of sharing with real tabs and windows: `node tests/js/tabs.js firefox`, or chromium, or webkit. tests/run.sh does it
// with all that is needed, as for run.js. TABS_SEED and TABS_COUNT set what the chaos draws and how many messages it has, and
// with TABS_TRACE it tells each step. Words after the browser choose the tests whose names contain one of them.

import { randomInt, randomUUID } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chaos } from './chaos.js';
import { report, test as tell } from './report.js';
import { startStoppable } from './server.js';
import { startBrowser } from './webdriver.js';
import { OPTIONS, Readers, Tabs, until } from './windows.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

const [kind, ...chosen] = process.argv.slice(2);
if (OPTIONS[kind] === undefined) {
  console.error('Usage: node tests/js/tabs.js firefox|chromium|webkit [WORD…]');
  process.exit(2);
}

const TRANSPORTS = [['fetch', { transport: 'fetch' }], ['the default transport', {}]];

function assert(holds, what) {
  if (!holds) throw new Error(what);
}

await report(async (running) => {
  const site = await mkdtemp(join(tmpdir(), 'eventsource-tabs-'));
  running.push(() => rm(site, { recursive: true, force: true }));
  await cp(join(root, 'Cargo.toml'), join(site, 'Cargo.toml'));
  await cp(process.env.PACKAGE, join(site, 'pkg'), { recursive: true });
  await cp(join(root, 'tests/js/pages'), join(site, 'pkg/tests'), { recursive: true });
  await writeFile(join(site, 'index.html'), '<!doctype html>');
  const server = await startStoppable(site, running);
  const here = server.origin;
  const browser = await startBrowser(kind, running, OPTIONS[kind]);
  const tabs = await Tabs.in(kind, browser, here);

  /** A test with a stream of its own, whose tabs are closed at its end. */
  async function test(name, query, body) {
    if (chosen.length > 0 && !chosen.some((word) => name.includes(word))) return;
    await tell(name, async ({ note }) => {
      const mark = randomUUID();
      const url = `${here}/events?${new URLSearchParams({ data: 'n', token: mark, ...query })}`;
      const readers = new Readers(here, mark);
      try {
        await body({ note, url, readers, server, tabs });
      } catch (error) {
        note(`the tabs: ${JSON.stringify(await tabs.lives().catch(String))}`);
        throw error;
      } finally {
        await readers.end();
        await tabs.closeAll();
      }
    });
  }

  /** Opens windows, the first of which leads. */
  async function windows(number, url, options) {
    const opened = [];
    for (let n = 0; n < number; n += 1) opened.push(await tabs.open(url, options));
    await until('all have messages', async () => (await tabs.all()).every(({ count }) => count > 0));
    const leader = await tabs.leader();
    assert(leader === opened[0], `tab ${leader?.name} leads, not ${opened[0].name}`);
    return opened;
  }

  /** The number of the latest message that a tab has. */
  const last = async (tab) => (await tabs.life(tab)).last;

  /** Waits until all have so many messages more than any has now, and looks at what they have. */
  async function goOn(more = 50) {
    const most = Math.max(...(await tabs.all()).map((life) => life.last));
    await until(`all have message ${most + more}`, async () => (await tabs.all()).every((life) => life.last >= most + more));
    inOrder(await tabs.lives());
  }

  function inOrder(lives) {
    const wrong = lives.filter((life) => life.wrong.length > 0);
    assert(wrong.length === 0, `messages are missing or come twice: ${JSON.stringify(wrong)}`);
  }

  for (const [transport, options] of TRANSPORTS) {
    const query = { interval: '20ms' };
    await test(`another tab goes on when the leader's is closed (${transport})`, query, async ({ note, url, readers }) => {
      const [one] = await windows(3, url, options);
      await tabs.close(one);
      const began = performance.now();
      await until('another leads', () => tabs.leader());
      note(`another led after ${Math.round(performance.now() - began)} ms`);
      await goOn();
      assert(readers.now.length === 1, `there are ${readers.now.length} connections`);
      note(readers.toString());
    });

    const away = `another tab goes on while the leader's shows another page (${transport})`;
    await test(away, query, async ({ note, url, readers }) => {
      const [one, two, three] = await windows(3, url, options);
      const before = await tabs.life(one);
      await tabs.away(one);
      const others = async () => Promise.all([two, three].map((tab) => tabs.life(tab)));
      await until('another leads', async () => (await others()).some(({ shared }) => shared === 'leader'));
      const reached = Math.max(before.last, ...(await others()).map((life) => life.last));
      await until('the others go on', async () => (await others()).every((life) => life.last >= reached + 50));
      await tabs.back(one);
      const back = await until('it is back', async () => {
        const life = await tabs.life(one);
        return (life.born > before.born || life.cached) && life.shared === 'follower' && life.count > 0 && life;
      });
      note(back.cached ? 'the page was kept (back/forward cache)' : 'the page was loaded again');
      await goOn();
      assert(readers.now.length === 1, `there are ${readers.now.length} connections`);
      note(readers.toString());
    });

    const blocked = `a leader that is blocked is replaced, and follows when it is back (${transport})`;
    await test(blocked, query, async ({ note, url, readers }) => {
      const [one, two, three] = await windows(3, url, options);
      const reached = Math.max(...(await tabs.all()).map((life) => life.last));
      await tabs.block(one, 30_000);
      const began = performance.now();
      const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
      await until('another leads', async () => {
        const lives = await Promise.all([two, three].map((tab) => tabs.life(tab)));
        return lives.some(({ shared }) => shared === 'leader');
      });
      note(`another led after ${seconds()}`);
      await until('the others go on', async () => (await last(two)) >= reached + 500 && (await last(three)) >= reached + 500);
      note(`the others had 500 messages (10 s) more after ${seconds()}`);
      assert((await tabs.life(one)).blocked === 0, 'the leader was no longer blocked');
      await until('the leader of before is no longer blocked', async () => (await tabs.life(one)).blocked === 1);
      await until('it follows', async () => (await tabs.life(one)).shared === 'follower');
      await goOn();
      note(`all had the same after ${seconds()}`);
      const { first, last: end, count } = await tabs.life(one);
      assert(count === end - first + 1, `it has ${count} messages from ${first} to ${end}`);
      await until('there is one connection', () => readers.now.length === 1);
      note(readers.toString());
    });

    for (const by of ['minimized', 'another tab is shown']) {
      const hidden = `a leader that is hidden (${by}) hands over to a tab that is shown (${transport})`;
      await test(hidden, query, async ({ note, url, readers }) => {
        if (by !== 'minimized' && !tabs.hideEachOther) {
          note('skipped: this driver opens tabs, but shows none of them');
          return;
        }
        const [one, two] = await windows(2, url, options);
        if (by !== 'minimized') {
          // A new tab is shown in place of the one beside it.
          const three = await tabs.open(url, options, one);
          await until('the tab beside it has messages', async () => (await tabs.life(three)).count > 0);
          await until('the leader is hidden', async () => (await tabs.life(one)).hidden);
        } else {
          await tabs.hide(one);
        }
        const began = performance.now();
        const leader = await until('another leads', async () => {
          const found = await tabs.leader();
          return found !== one && found;
        });
        assert(!(await tabs.life(leader)).hidden, 'the new leader is hidden');
        note(`another led after ${((performance.now() - began) / 1000).toFixed(1)} s`);
        await goOn();
        assert((await tabs.life(one)).shared === 'follower', 'the leader of before does not follow');
        assert((await tabs.life(two)).first >= 0, 'the second has no messages');
        await until('there is one connection', () => readers.now.length === 1);
        note(readers.toString());
      });
    }

    for (const status of [404, 204]) {
      await test(`the answer ${status} closes all tabs, and one that is opened afterwards begins anew (${transport})`, {
        ...query, plan: `200,${status},200`,
      }, async ({ note, url, readers }) => {
        // The browser's own transport does not tell why it gave up, so a source that reconnects would try again.
        const own = transport === 'fetch' ? options : { ...options, reconnect: false };
        await windows(3, url, own);
        await until('there is one connection', () => readers.now.length === 1);
        await fetch(`${here}/connections/${readers.now[0].id}?end=abort`, { method: 'DELETE' });
        await until('all are closed', async () => (await tabs.all()).every(({ state }) => state === 'closed'));
        const lives = await tabs.all();
        const reasons = new Set(lives.map(({ reason, cause }) => `${reason}: ${cause}`));
        note(`all were closed by ${[...reasons].map((reason) => reason.replaceAll(/ http:\S+/g, '')).join(' and by ')}`);
        assert(reasons.size === 1, 'the tabs have different reasons');
        inOrder(lives);
        const late = await tabs.open(url, own);
        const life = await until('the late one has messages', async () => {
          const life = await tabs.life(late);
          return life.count > 5 && life;
        });
        assert(life.shared === 'leader' && life.first === 0, `it ${life.shared}s, from ${life.first} on`);
        const others = (await tabs.all()).filter(({ state }) => state === 'closed');
        assert(others.length === 3, `${others.length} of the others are closed`);
      });
    }
  }

  const count = Number(process.env.TABS_COUNT ?? 20_000);
  for (const [transport, options] of TRANSPORTS) {
    const seed = Number(process.env.TABS_SEED ?? randomInt(2 ** 31));
    const name = `chaos: every tab has all messages once and in order (${transport})`;
    await test(name, { interval: '3ms', count }, (all) => chaos({ ...all, options, seed, count }));
  }
});
