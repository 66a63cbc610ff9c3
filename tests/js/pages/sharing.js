// The option `share`: sources in frames and workers of an origin have one connection.

import init, { EventSource } from '../eventsource_wasm.js';
import { assert, connections, here, pause, same, script, test, thrown, token, until } from './harness.js';

await init();

/** A stream of its own, with a number in each message. */
const stream = (more = 'interval=20ms') => `${here}/events?data=n&token=${token()}&${more}`;

/** One who shares, in a frame. */
async function frame(url, options = {}, more = {}) {
  const element = document.createElement('iframe');
  element.src = `./sharer.html?${new URLSearchParams({ url, options: JSON.stringify(options), ...more })}`;
  document.body.append(element);
  await until('the frame has loaded', () => element.contentWindow.sharer !== undefined);
  const { sharer } = element.contentWindow;
  return { ...sharer, window: element.contentWindow, get part() { return sharer.source.state.shared; }, remove: () => element.remove() };
}

const numbers = ({ got }) => got.map(Number);

/** That someone has got every message from its first on, once and in order. */
function isWhole(got, what = '') {
  same(got, Array.from(got, (_, n) => got[0] + n), what);
}

const markOf = (url) => new URL(url).searchParams.get('token');
const transports = [{}, { transport: 'fetch' }];

for (const options of transports) {
  const over = options.transport ?? 'native';

  test(`sources in frames have one connection, over ${over}`, async () => {
    const url = stream();
    const all = [await frame(url, options), await frame(url, options), await frame(url, options)];
    await until('all have messages', () => all.every(({ got }) => got.length > 5));
    same(all.map(({ part }) => part), ['leader', 'follower', 'follower']);
    same((await connections(markOf(url))).length, 1);
    for (const one of all) isWhole(numbers(one));
    same([all[1].source.readyState, all[1].states.at(-1).name], [1, 'open']);
    for (const one of all) one.remove();
    await until('the connection is let go', async () => (await connections(markOf(url))).length === 0);
  });

  test(`when the leader is closed another goes on where it was, over ${over}`, async () => {
    const url = stream();
    const all = [await frame(url, options), await frame(url, options), await frame(url, options)];
    const heirs = all.slice(1);
    await until('all have messages', () => all.every(({ got }) => got.length > 5));
    all[0].source.close();
    const closed = all[0].got.length;
    await until('another leads', () => heirs.some(({ part }) => part === 'leader'));
    const before = heirs[0].got.length;
    await until('the others go on', () => heirs.every(({ got }) => got.length > before + 10));
    for (const one of heirs) isWhole(numbers(one));
    same([all[0].got.length, all[0].states.at(-1).reason, all[0].part], [closed, 'close', undefined]);
    same((await connections(markOf(url))).length, 1);
    for (const one of all) one.remove();
  });

  test(`when the leader is gone without a word another goes on where it was, over ${over}`, async () => {
    const url = stream();
    const all = [await frame(url, options), await frame(url, options)];
    await until('both have messages', () => all.every(({ got }) => got.length > 5));
    all[0].remove();
    await until('the other leads', () => all[1].part === 'leader');
    const before = all[1].got.length;
    await until('it goes on', () => all[1].got.length > before + 10);
    isWhole(numbers(all[1]));
    all[1].remove();
  });

  test(`who comes is told the state and the place at once, over ${over}`, async () => {
    // No message comes any more.
    const url = await script(['id: 7\ndata: 1\n\n', { end: 'stall' }]);
    const one = await frame(url, options);
    await until('it has its message', () => one.got.length === 1);
    const two = new EventSource(url, { share: true, ...options });
    two.onmessage = () => {};
    await until('it is open', () => two.readyState === 1);
    same([two.state.shared, two.lastEventId, two.stats.messages, one.source.stats.messages], ['follower', '7', 0, 1]);
    two.close();
    one.remove();
  });

  test(`a stream that fails for good fails for all, and who comes then begins anew, over ${over}`, async () => {
    const url = `${here}/events?status=404&token=${token()}`;
    const settings = { ...options, probe: options.transport === undefined };
    const all = [await frame(url, settings), await frame(url, settings)];
    await until('all have failed', () => all.every(({ source }) => source.readyState === 2));
    same(all.map(({ states }) => [states.at(-1).name, states.at(-1).reason]), all.map(() => ['closed', 'failure']));
    assert(all.every(({ states }) => states.at(-1).cause.includes('404')), JSON.stringify(all.map(({ states }) => states.at(-1))));
    const again = await frame(url, settings);
    await until('it has failed too', () => again.source.readyState === 2);
    for (const one of [...all, again]) one.remove();
  });

  test(`a stream that tells its end is complete for all, over ${over}`, async () => {
    const url = stream();
    const all = [await frame(url, options, { ends: 'when told' }), await frame(url, options, { ends: 'when told' })];
    await until('both have messages', () => all.every(({ got }) => got.length > 5));
    // The leader alone looks for the end.
    all[0].window.isOver = true;
    await until('both are closed', () => all.every(({ source }) => source.readyState === 2));
    same(all.map(({ states }) => states.at(-1).reason), ['complete', 'complete']);
    same(all[0].got.at(-1), all[1].got.at(-1));
    for (const one of all) one.remove();
  });

  test(`reconnect() of any makes the one connection anew, over ${over}`, async () => {
    const url = stream();
    const all = [await frame(url, options), await frame(url, options)];
    await until('both have messages', () => all.every(({ got }) => got.length > 5));
    const [{ id }] = await connections(markOf(url));
    all[1].source.reconnect();
    await until('there is another connection', async () => {
      const now = await connections(markOf(url));
      return now.length === 1 && now[0].id !== id;
    });
    const before = all[1].got.length;
    await until('both go on', () => all.every(({ got }) => got.length > before + 10));
    for (const one of all) isWhole(numbers(one));
    for (const one of all) one.remove();
  });

  test(`where there are no locks it has a connection of its own, and says so, over ${over}`, async () => {
    const url = stream();
    const all = [await frame(url, options, { locks: 'none' }), await frame(url, options)];
    await until('both have messages', () => all.every(({ got }) => got.length > 5));
    same([all.map(({ part }) => part), (await connections(markOf(url))).length], [['unsupported', 'leader'], 2]);
    for (const one of all) one.remove();
  });
}

test('what differs in more than its other options does not share; a name stands for the URL', async () => {
  const url = stream();
  const fetches = { transport: 'fetch' };
  const named = { ...fetches, share: 'a name' };
  for (const [options, other, shares] of [
    [{}, {}, true],
    [{}, { gapEvent: null, openTimeout: 60_000 }, true],
    [{}, { withCredentials: true }, false],
    [{}, fetches, false],
    [{}, { share: 'a name' }, false],
    [fetches, { ...fetches, headers: { 'X-One': '1' } }, false],
    [{ ...fetches, headers: { 'X-One': '1' } }, { ...fetches, headers: { 'X-One': '2' } }, false],
    [{ ...fetches, headers: { 'X-One': '1', 'X-Two': '2' } }, { ...fetches, headers: { 'x-two': '2', 'x-one': '1' } }, true],
    [named, { ...named, url: `${url}&_=2` }, true],
    [named, { ...named, headers: { 'X-One': '1' } }, false],
  ]) {
    const sources = [];
    for (const { url: another, ...more } of [options, other]) {
      const source = new EventSource(another ?? url, { share: true, ...more });
      sources.push(source);
      source.onmessage = () => {};
      await until('it is open', () => source.readyState === 1);
    }
    same(sources.map(({ state }) => state.shared), ['leader', shares ? 'follower' : 'leader'], JSON.stringify([options, other]));
    same((await connections(markOf(url))).length, shares ? 1 : 2);
    const { held } = await navigator.locks.query();
    assert(held.every(({ name }) => !name.includes('/events') && !name.includes('X-One')), 'names tell nothing');
    for (const source of sources) source.close();
    await until('the connections are let go', async () => (await connections(markOf(url))).length === 0);
  }
});

test('over the native transport the leader listens to the types of all', async () => {
  const url = `${here}/events?event=a,b,&interval=10ms&data=n&token=${token()}`;
  const all = [await frame(url, {}, { types: 'a' }), await frame(url, {}, { types: 'b' })];
  await until('each has its own', () => all.every(({ got }) => got.length > 5));
  const late = new EventSource(url, { share: true });
  const messages = late.messages();
  assert((await messages.next()).value.type === 'message');
  const rest = all.map(({ got }) => new Set(got.map((n) => n % 3)).size);
  same(rest, [1, 1]);
  late.close();
  for (const one of all) one.remove();
});

test('over fetch who reads slowly makes the others wait, and loses nothing', async () => {
  const url = `${here}/events?data=n&interval=0&count=3000&token=${token()}`;
  const options = { share: true, transport: 'fetch', reconnect: false };
  const [slow, fast] = [new EventSource(url, options), new EventSource(url, options)];
  const taken = { slow: [], fast: [] };
  const messages = slow.messages('message', { capacity: 16 });
  fast.onmessage = ({ data }) => taken.fast.push(Number(data));
  let most = 0;
  for await (const { data } of messages) {
    taken.slow.push(Number(data));
    most = Math.max(most, taken.fast.length - taken.slow.length);
    if (taken.slow.length % 10 === 0) await pause(0);
    if (taken.slow.at(-1) === 2999) break;
  }
  await until('the other has all', () => taken.fast.at(-1) === 2999);
  isWhole(taken.slow);
  isWhole(taken.fast);
  assert(most < 2500, `the fast one was ${most} messages ahead`);
  for (const source of [slow, fast]) source.close();
});

test('who reads nothing is waited for no longer than some seconds', async () => {
  const url = stream('interval=2ms');
  const options = { share: true, transport: 'fetch' };
  const fast = await frame(url, options);
  const idle = new EventSource(url, options);
  const unread = idle.messages('message', { capacity: 4 });
  await until('it has been passed over', () => idle.stats.dropped > 100);
  assert(unread.dropped > 0);
  isWhole(numbers(fast));
  idle.close();
  fast.remove();
}, 120_000);

for (const [options, type] of [[{}, 'gap'], [{ transport: 'fetch', gapEvent: null }, 'gap'], [{ gapEvent: 'reset' }, 'reset']]) {
  test(`what others have had and nobody has any more is told by an event, ${JSON.stringify(options)}`, async () => {
    const channel = token();
    const url = `${here}/events?channel=${channel}`;
    let pushed = 0;
    const push = async (count) => {
      // 800 KB are more than is kept for who misses some.
      for (const end = pushed + count; pushed < end; pushed += 1) {
        await fetch(`${here}/push/${channel}`, { method: 'POST', body: `${pushed} ${'.'.repeat(8192)}` });
      }
    };
    const leader = await frame(url, options);
    const one = await frame(url, options, { deaf: 'sometimes' });
    const seen = [];
    for (const name of ['message', type]) one.source.addEventListener(name, (event) => seen.push([event.type, Number.parseInt(event.data, 10)]));
    await until('both are open', () => [leader, one].every(({ source }) => source.readyState === 1));
    await push(3);
    await until('both have them', () => [leader, one].every(({ got }) => got.length === 3));
    one.window.isDeaf = true;
    await push(100);
    await until('the leader has them', () => leader.got.length === 103);
    one.window.isDeaf = false;
    await push(1);
    await until('it has the last one', () => seen.some(([, number]) => number === 103));
    const gap = seen.findIndex(([name]) => name === type);
    const after = seen.slice(gap + 1).map(([, number]) => number);
    same(seen.slice(0, gap), [0, 1, 2].map((number) => ['message', number]));
    isWhole(after);
    same(one.source.stats.dropped, after[0] - 3);
    assert(after[0] > 3, `${after}`);
    for (const who of [leader, one]) who.remove();
  });
}

test('a leader that hangs is replaced, and finds its place among the others', async ({ note }) => {
  const url = stream();
  const worker = new Worker(`./sharer.js?${new URLSearchParams({ url })}`, { type: 'module' });
  const ask = (question) => new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    worker.postMessage(question, [port2]);
  });
  await until('it leads', async () => {
    const asked = await Promise.race([ask({}), pause(500)]);
    return asked?.state.shared === 'leader' && asked.got.length > 5;
  });
  const one = await frame(url);
  const two = await frame(url);
  await until('the others have messages', () => [one, two].every(({ got }) => got.length > 5));
  const began = performance.now();
  const after = ask({ block: 15_000 });
  await until('another leads', () => [one, two].some(({ part }) => part === 'leader'));
  note(`another led after ${Math.round(performance.now() - began)} ms`);
  const { state } = await after;
  await until('it follows', async () => (await ask({})).state.shared === 'follower');
  const before = one.got.length;
  await until('all go on', async () => one.got.length > before + 20 && two.got.length > before + 20);
  for (const who of [one, two, await ask({})]) isWhole(numbers(who), JSON.stringify(state));
  await until('there is one connection', async () => (await connections(markOf(url))).length === 1);
  worker.terminate();
  for (const who of [one, two]) who.remove();
}, 120_000);

test('wrong arguments, and requests that can\'t be shared, are refused', async () => {
  for (const share of [1, '', {}]) {
    assert(/share must be true, false or a name/.test(thrown(() => new EventSource('/events', { share })).message));
  }
  for (const more of [{ method: 'POST' }, { method: 'POST', body: new Blob(['a']), resend: true }]) {
    const error = thrown(() => new EventSource('/events', { share: true, transport: 'fetch', ...more }));
    assert(/shared/.test(error.message), error.message);
  }
});
