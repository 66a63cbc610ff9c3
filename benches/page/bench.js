// Runs one contender on one work, and says what that took. The driver calls `bench.measure`, on a fresh page each time.

import { contenders } from './contenders/index.js';
import { frames, nextFrame, watchList } from './frames.js';
import { percentile, position } from './messages.js';

/** What every contender does before the clock runs, so that its code is loaded and has run once. */
const warmUp = { url: '/events?interval=0&count=1000&data=n', count: 1000, every: 1000, interval: null };

/** The contender that is loaded and has done the warm-up, by its name. */
let ready = {};

/** Loads a contender and lets it do the warm-up. Returns `{ missing }` when it can't be had. */
async function prepare(name) {
  if (ready.name === name) return {};
  try {
    const { default: load } = await contenders[name]();
    const contender = await load();
    await run(contender, warmUp);
    ready = { name, contender };
  } catch (error) {
    if (error instanceof WrongResult) throw error;
    return { missing: String(error.message ?? error) };
  }
  // What the warm-up has left is no part of the work.
  await new Promise((resolve) => setTimeout(resolve, 50));
  return {};
}

/**
 * Measures a contender, which it prepares if that has not been done.
 *
 * `work` says which `url` to read; how many messages (`count`) it has; each which of them (`every`) is told to the page
 * rather than just counted; and how many milliseconds lie between two (`interval`), `null` in a burst.
 *
 * Returns `{ missing }` when the contender can't be had, and throws when it does not do its work.
 */
async function measure(name, work) {
  const { missing } = await prepare(name);
  if (missing !== undefined) return { missing };
  const { contender } = ready;
  const result = await run(contender, work);
  return { ...result, wasmBytes: contender.memory?.buffer.byteLength, heapBytes: performance.memory?.usedJSHeapSize };
}

class WrongResult extends Error {}

/** From the opening of the stream, or what the contender says, until its last message was handled. */
async function run(contender, work) {
  const paced = work.interval !== null;
  const list = contender.lists ? document.body.appendChild(document.createElement('ul')) : undefined;
  const watched = paced ? frames() : undefined;
  const delays = [];
  const note = (data, handled) => {
    if (!paced) return;
    const { t0, n } = position(data);
    const now = performance.timeOrigin + performance.now();
    for (let each = n - handled + 1; each <= n; each++) delays.push(now - t0 - each * work.interval);
  };
  const start = performance.now();
  const [end, begin = start] = await (list ? readToList(contender, work, list, note) : readToHandler(contender, work, note));
  const result = { ms: end - begin, ...watched?.stop() };
  if (delays.length) {
    result.delayP50 = percentile(delays, 50);
    result.delayP99 = percentile(delays, 99);
  }
  if (work === warmUp) list?.remove();
  return result;
}

/** Gives, in a list, the moment at which one frame more has passed after the newest line was in the document. */
async function readToList(contender, { url, count }, list, note) {
  // A burst may be over before the list has begun, so the frames are watched from the start.
  const newest = watchList(list, count, note);
  const stop = contender.start({ url, list });
  await newest;
  await nextFrame();
  const end = performance.now();
  stop();
  const lines = contender.keeps ? Math.min(count, contender.keeps) : count;
  if (list.childElementCount !== lines) throw new WrongResult(`${list.childElementCount} lines instead of ${lines}`);
  return [end];
}

/** Gives the moment at which the last message was handled, and if the contender says so, the one at which the first came. */
function readToHandler(contender, { url, count, every }, note) {
  return new Promise((resolve, reject) => {
    let told = 0;
    let stop;
    const finish = (end = performance.now(), begin = undefined) => {
      resolve([end, begin]);
      stop();
    };
    const tell = (data) => {
      told += every;
      if (told > count) return;
      note(data, 1);
      if (told < count) return;
      const { n } = position(data);
      if (n === count - 1) finish();
      else reject(new WrongResult(`message ${n} came as number ${count - 1}`));
    };
    stop = contender.start({ url, count, every, tell, finish, fail: reject });
  });
}

globalThis.bench = { measure, prepare };
