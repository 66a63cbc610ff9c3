// Tests in Node and in pages, counted and told as tests/run.sh reads them.

let passed = 0;
let failed = 0;
/** What is told of failed tests, told again at the end: of a long log often only that is seen. */
const failures = [];

function tell(name, error, notes = []) {
  const lines = [
    `  ${error === undefined ? 'ok    ' : 'FAILED'}  ${name}`,
    ...[...notes, ...(error ?? '').split('\n')].filter((text) => text !== '').map((text) => `          ${text}`),
  ];
  if (error === undefined) {
    passed += 1;
  } else {
    failed += 1;
    failures.push(...lines);
  }
  for (const line of lines) console.log(line);
}

export async function test(name, body) {
  const notes = [];
  try {
    await body({ note: (text) => notes.push(text) });
    tell(name, undefined, notes);
  } catch (error) {
    tell(name, `${error?.stack ?? error}${error?.stdout ?? ''}${error?.stderr ?? ''}`, notes);
  }
}

/** How long a page may tell nothing new, in milliseconds: longer than any of its tests may take. */
const SILENCE = 360_000;

/** Opens a page of tests (pages/harness.js), tells their results as they come, and gives what they kept. */
export async function watch(browser, url, prefix = '') {
  const all = [];
  await browser.open(url);
  let heard = performance.now();
  for (let told = 0, done = false; !done;) {
    const progress = await browser.evaluate('return globalThis.progress?.(arguments[0])', [told]);
    for (const { name, error, notes, kept } of progress?.results ?? []) {
      heard = performance.now();
      told += 1;
      if (kept) all.push(kept);
      tell(prefix + name, error, notes);
    }
    if (progress?.collect) {
      await browser.collect();
      await browser.evaluate('globalThis.collected()', []);
    }
    done = progress?.done ?? false;
    if (performance.now() - heard > SILENCE) throw new Error(progress ? `the page hangs after ${told} tests` : 'the page did not load its tests');
    if (!done) await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  return all;
}

/** Runs `body` with a list for what is to be stopped at its end, then ends the process with the tests' total. */
export async function report(body) {
  const running = [];
  try {
    await body(running);
  } catch (error) {
    failed += 1;
    console.error(error);
  }
  for (const stop of running.reverse()) {
    try {
      await stop();
    } catch (error) {
      failed += 1;
      console.error(error);
    }
  }
  if (failures.length > 0) console.log(`\nfailures:\n${failures.join('\n')}`);
  const fine = failed === 0 && passed > 0;
  console.log(`\ntest result: ${fine ? 'ok' : 'FAILED'}. ${passed} passed; ${failed} failed; 0 ignored`);
  process.exit(fine ? 0 : 1);
}
