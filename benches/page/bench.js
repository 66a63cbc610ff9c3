// Runs one contender on one work, and says what that took. The driver calls `bench.measure`, on a fresh page each time.

import { contenders } from './contenders/index.js';
import { frames, nextFrame, watchList } from './frames.js';
import { percentile, position } from './messages.js';

/** What every contender does before the clock runs, so that its code is loaded and has run once. */
const warmUp = { url: '/events?interval=0&count=1000&data=n', count: 1000, every: 1000, interval: null };

/**
 * Measures a contender.
 *
 * `work` says which `url` to read; how many messages (`count`) it has; each which of them (`every`) is told to the page
 * rather than just counted; and how many milliseconds lie between two (`interval`), `null` in a burst.
 *
 * Returns `{ missing }` when the contender can't be had, and throws when it does not do its work.
 */
async function measure(name, work) {
  let contender;
  try {
    const { default: load } = await contenders[name]();
    contender = await load();
    await run(contender, warmUp);
  } catch (error) {
    if (error instanceof WrongResult) throw error;
    return { missing: String(error.message ?? error) };
  }
  // What the warm-up has left is no part of the work.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const result = await run(contender, work);
  return { ...result, wasmBytes: contender.memory?.buffer.byteLength, heapBytes: performance.memory?.usedJSHeapSize };
}

class WrongResult extends Error {}

/** From the opening of the stream until its last message was handled. */
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
  const end = await (list ? readToList(contender, work, list, note) : readToHandler(contender, work, note));
  const result = { ms: end - start, ...watched?.stop() };
  if (delays.length) {
    result.delayP50 = percentile(delays, 50);
    result.delayP99 = percentile(delays, 99);
  }
  if (work === warmUp) list?.remove();
  return result;
}

/** The moment at which one frame more has passed after the newest line was in the document. */
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
  return end;
}

/** The moment at which the last message was handled. */
function readToHandler(contender, { url, count, every }, note) {
  return new Promise((resolve, reject) => {
    let told = 0;
    let stop;
    const finish = () => {
      resolve(performance.now());
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

globalThis.bench = { measure };
