// The example chat, in a browser: what its reader sees, and what its server was asked.

import assert from 'node:assert/strict';

import { test } from '../js/report.js';
import { application } from './projects.js';
import { start, until } from './programs.js';

/** What a page tells of its newest answer. */
const ANSWER = `
  const answers = document.querySelectorAll('.assistant');
  const answer = answers[answers.length - 1];
  return {
    count: answers.length,
    text: answer?.querySelector('.text').textContent ?? '',
    status: answer?.classList[1] ?? 'none',
    problem: answer?.querySelector('.problem p')?.textContent ?? '',
  };`;

const ASK = `
  const form = document.querySelector('form');
  form.elements.question.value = arguments[0];
  form.elements.fault.value = arguments[1];
  form.requestSubmit();`;

const PRESS = '[...document.querySelectorAll("button")].find(({ textContent }) => textContent === arguments[0]).click()';

/** No DELETE gets to the server. */
const HOLD_DELETES = `
  const { fetch } = window;
  window.fetch = (url, init) => (init?.method === 'DELETE' ? Promise.reject(new TypeError('lost')) : fetch(url, init));`;

/** Whether the page is another one than that which was reloaded, and has what it kept. */
const IS_NEW = 'return window.isOld === undefined && document.querySelector("article") !== null';

/** Notes each text that the newest answer, and what stands beneath it, has between two renders. */
const WATCH = `
  window.seen = { texts: [], notes: [] };
  const note = (list, text) => { if (list.at(-1) !== text) list.push(text); };
  new MutationObserver(() => {
    const [answer] = [...document.querySelectorAll('.assistant')].slice(-1);
    note(window.seen.texts, answer?.querySelector('.text').textContent ?? '');
    note(window.seen.notes, answer?.querySelector('.note')?.textContent ?? '');
  }).observe(document.querySelector('#root'), { subtree: true, childList: true, characterData: true });`;

/** Lines that the server tells of. */
const REQUEST = /^[A-Z]+ \/chat/;
const MADE = /^answer/;

export async function chat(browser) {
  const folder = await application('chat');
  const { generate } = await import(`file://${folder}/model.mjs`);
  /** The answer to the first question. */
  const tokens = [];
  for await (const token of generate([{ role: 'user' }], { pace: 0 })) tokens.push(token);
  const whole = tokens.join('');

  /** A test with a server, and so a storage, of its own. */
  const testChat = (name, env, body) => test(`the example chat: ${name}`, async (kit) => {
    const server = await start(folder, ['server.mjs'], { env: { PORT: '0', PACE: '10', ...env } });
    try {
      await browser.open(server.url);
      await until('the page is there', () => browser.evaluate('return document.querySelector("form") !== null', []));
      const answer = () => browser.evaluate(ANSWER, []);
      await body({
        ...kit,
        answer,
        ask: (fault = '') => browser.evaluate(ASK, ['What are server-sent events?', fault]),
        press: (label) => browser.evaluate(PRESS, [label]),
        evaluate: (script) => browser.evaluate(script, []),
        becomes: (status) => until(
          `the answer is ${status}`, async () => (await answer()).status === status, async () => [await answer(), server.lines],
        ),
        grows: () => until('the answer has some text', async () => (await answer()).text.length > 20, answer),
        /** So many lines of those that the server tells: of requests when they are over, or of answers. */
        async tells(count, what) {
          const told = () => server.lines.filter((line) => what.test(line));
          await until(`the server tells ${count} times of ${what}`, () => told().length >= count, () => server.lines);
          return told().map((line) => line.replace(/\/chat\/[\w-]+/, '/chat/ID').replace(/^answer \S+: /, ''));
        },
      });
    } finally {
      // What is open has an end here, and not in the next test.
      await browser.open('about:blank');
      await server.stop();
    }
  });

  const complete = `complete after ${tokens.length} tokens`;
  const broken = 'POST /chat 200, which did not reach its end';

  await testChat('an answer is shown as it comes, with fewer renders than tokens', { PACE: '2' }, async (page) => {
    await page.evaluate(WATCH);
    await page.ask();
    await page.becomes('done');
    assert.equal((await page.answer()).text, whole);
    const { texts } = await page.evaluate('return window.seen');
    const goesOn = texts.every((text, n) => n === 0 || text.startsWith(texts[n - 1]));
    assert.ok(goesOn, `each text goes on with the one before: ${JSON.stringify(texts)}`);
    page.note(`${tokens.length} tokens, ${texts.length} renders`);
    assert.ok(texts.length > 1 && texts.length < tokens.length * 0.75, `${texts.length} renders of ${tokens.length} tokens`);
    assert.deepEqual(await page.tells(1, REQUEST), ['POST /chat 200']);
    assert.deepEqual(await page.tells(1, MADE), [complete]);
  });

  await testChat('a reader who stops it ends it at the server', { PACE: '25' }, async (page) => {
    await page.ask();
    await page.grows();
    await page.press('Stop');
    await page.becomes('stopped');
    const [made] = await page.tells(1, MADE);
    assert.ok(Number(/^stopped after (\d+) tokens$/.exec(made)?.[1]) < tokens.length, made);
    // Whether the server sees first that the reader has left, or reads the DELETE, is open.
    assert.deepEqual((await page.tells(2, REQUEST)).map((line) => line.split(' ')[0]).sort(), ['DELETE', 'POST']);
    const { text } = await page.answer();
    assert.ok(whole.startsWith(text) && text.length < whole.length);
  });

  await testChat('a server that can\'t be told to stop sees that the reader has left', { PACE: '25', ABANDONED: '100' }, async (page) => {
    await page.evaluate(HOLD_DELETES);
    await page.ask();
    await page.grows();
    await page.press('Stop');
    assert.match((await page.tells(1, MADE))[0], /^stopped after/);
    assert.deepEqual(await page.tells(1, REQUEST), [broken]);
  });

  await testChat('a model that is busy is asked again, and shown to be once', {}, async (page) => {
    await page.evaluate(WATCH);
    await page.ask('busy');
    await page.becomes('done');
    assert.equal((await page.answer()).text, whole);
    const { notes } = await page.evaluate('return window.seen');
    const busy = notes.filter((text) => text.includes('busy'));
    assert.equal(busy.length, 1, JSON.stringify(notes));
    assert.match(busy[0], /^The model is busy\. Trying again in [12] s\.$/);
    assert.deepEqual(await page.tells(2, REQUEST), ['POST /chat 429', 'POST /chat 200']);
  });

  await testChat('an answer that breaks off goes on, and nothing of it comes twice', {}, async (page) => {
    await page.ask('break');
    await page.becomes('done');
    assert.equal((await page.answer()).text, whole);
    assert.deepEqual(await page.tells(2, REQUEST), [broken, 'GET /chat/ID/stream 200']);
    assert.deepEqual(await page.tells(1, MADE), [complete]);
  });

  await testChat('a page that is reloaded goes on where it was', { PACE: '40' }, async (page) => {
    await page.ask();
    await page.grows();
    const { text } = await page.answer();
    await reload(page);
    const kept = await page.answer();
    assert.ok(kept.text.startsWith(text) && kept.text.length < whole.length, `the text is kept: ${JSON.stringify(kept)}`);
    await page.becomes('done');
    const shown = { count: 1, text: whole, status: 'done', problem: '' };
    assert.deepEqual(await page.answer(), shown);
    await page.tells(2, REQUEST);
    await reload(page);
    assert.deepEqual(await page.answer(), shown, 'an answer that is complete is still there');
    assert.deepEqual(await page.tells(2, REQUEST), [broken, 'GET /chat/ID/stream 200'], 'and is not asked for');
    assert.deepEqual(await page.tells(1, MADE), [complete]);
  });

  await testChat('a page that is reloaded while the model is busy asks again', {}, async (page) => {
    await page.ask('busy');
    await page.tells(1, REQUEST);
    await reload(page);
    await page.becomes('done');
    assert.equal((await page.answer()).text, whole);
    assert.deepEqual(await page.tells(2, REQUEST), ['POST /chat 429', 'POST /chat 200']);
    assert.deepEqual(await page.tells(1, MADE), [complete]);
  });

  await testChat('an answer that has failed says why, and can be asked for again', {}, async (page) => {
    await page.ask('error');
    await page.becomes('failed');
    const { text, problem } = await page.answer();
    assert.ok(whole.startsWith(text) && text.length > 0);
    assert.equal(problem, 'The model has lost the thread.');
    await page.press('Retry');
    await page.becomes('done');
    assert.deepEqual(await page.answer(), { count: 1, text: whole, status: 'done', problem: '' });
    assert.deepEqual(await page.tells(2, REQUEST), ['POST /chat 200', 'POST /chat 200']);
    assert.deepEqual(await page.tells(2, MADE), ['failed after 20 tokens', complete]);
  });
}

async function reload({ evaluate }) {
  await evaluate('window.isOld = true; location.reload()');
  await until('the page is new', () => evaluate(IS_NEW).catch(() => false));
}
