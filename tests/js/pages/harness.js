// Tests and what they need, for a page or a worker.

/** The addresses of the two dev servers, and of the servers of tests/answers. */
export const here = location.origin;
export const [other, answers] = ['other', 'answers'].map((name) => new URLSearchParams(location.search).get(name));

/** Whose engine this is. */
export const engine = ['Firefox', 'Chrome', 'Safari'].find((name) => navigator.userAgent.includes(name));

const PATIENCE = 60_000;
const tests = [];
const results = [];
let done = false;

export function test(name, body, patience = PATIENCE) {
  tests.push({ name, body, patience });
}

/** Runs all tests, one after the other; `progress` tells whoever asks. */
export async function run() {
  if (tests.length === 0) results.push({ name: 'the file loads', error: 'it has no tests, or did not load: see the console', notes: [] });
  for (const { name, body, patience } of tests) {
    const notes = [];
    let kept;
    try {
      // What is kept is for the runner.
      await within(patience, body({ note: (text) => notes.push(text), keep: (value) => { kept = value; } }), 'the test');
      results.push({ name, notes, kept });
    } catch (error) {
      results.push({ name, notes, error: error?.stack?.includes(error.message) ? error.stack : `${error}\n${error?.stack ?? ''}` });
    }
  }
  done = true;
  return results;
}

globalThis.progress = (from) => ({ results: results.slice(from), done, collect: collected !== undefined });

let collected;

/**
 * Has the engine collect its garbage: Chromium is started so that a page can ask for it, for Firefox the runner does.
 * WebKit can't be asked; there much garbage, large and small, brings it about.
 */
export async function collect() {
  if (engine === 'Safari') {
    for (let n = 0; n < 4; n += 1) {
      let garbage = Array.from({ length: 200_000 }, (_, n) => ({ n }));
      new Uint8Array(1 << 26);
      await pause(0);
      garbage = undefined;
    }
    return;
  }
  if (globalThis.gc === undefined) await new Promise((resolve) => { collected = resolve; });
  // Not with this call on the stack, where stray numbers are taken for pointers.
  else await globalThis.gc({ type: 'major', execution: 'async' });
  await pause(20);
}

/** For the runner to say that it is done. */
globalThis.collected = () => {
  collected();
  collected = undefined;
};

export function within(milliseconds, promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export function assert(holds, what) {
  if (!holds) throw new Error(what ?? 'it does not hold');
}

/** Whether two values of plain data are the same. */
export function same(found, expected, what = '') {
  const [one, two] = [show(found), show(expected)];
  if (one !== two) throw new Error(`${what}\n  found     ${one}\n  expected  ${two}`);
}

export function show(value) {
  return JSON.stringify(value, (_, part) => (part === undefined ? 'undefined' : part)) ?? 'undefined';
}

/** What a function throws. */
export function thrown(body) {
  try {
    body();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

export async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('the promise was kept');
}

/** The next event of a type. */
export function next(target, type) {
  return within(PATIENCE / 2, new Promise((resolve) => { target.addEventListener(type, resolve, { once: true }); }), `an event "${type}"`);
}

export async function until(what, holds) {
  const began = performance.now();
  while (!(await holds())) {
    if (performance.now() - began > PATIENCE / 2) throw new Error(`waited in vain until ${what}`);
    await pause(10);
  }
}

export const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/** The URL of a script of bytes and pauses that a server plays once. */
export async function script(lines, query = '', origin = here) {
  const response = await fetch(`${origin}/raw${query}`, { method: 'POST', body: JSON.stringify(lines) });
  assert(response.ok, await response.clone().text());
  return new URL((await response.text()).trim(), origin).href;
}

/** A name that no other test has. */
export const token = () => crypto.randomUUID();

/** The streams that a server is sending whose URL has this part. */
export async function connections(part, origin = here) {
  const { connections: all } = await (await fetch(`${origin}/connections`)).json();
  return all.filter((connection) => JSON.stringify(connection).includes(part));
}
