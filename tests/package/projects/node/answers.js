// The cases of tests/js/pages/answer_cases.js, in Node: `ANSWERS=http://… node answers.js`, beside a copy of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { EventSource } from 'eventsource-wasm';

import { cases } from './answer_cases.js';

const PATIENCE = 30_000;
/** As pages compare what they find: in an object, a member that is undefined counts. */
const show = (value) => JSON.stringify(value, (_, part) => (part === undefined ? 'undefined' : part));

const kit = {
  assert,
  same: (found, expected, what) => assert.equal(show(found), show(expected), what),
  async until(what, holds) {
    const late = performance.now() + PATIENCE;
    while (!(await holds())) {
      if (performance.now() > late) throw new Error(`waited in vain until ${what}`);
      await pause(10);
    }
  },
  token: () => crypto.randomUUID(),
};

for (const { name, run } of cases(EventSource, process.env.ANSWERS, kit)) test(name, { timeout: 2 * PATIENCE }, run);
