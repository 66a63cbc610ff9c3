// The suite itself: `node tests/fault-suite/suite.test.js`, with DEV_SERVER.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';

import { report, test } from '../js/report.js';
import { faults, url } from './faults.js';
import { brief, compare, isSettled, judge } from './judge.js';
import { Sent } from './server.js';

const fault = { expect: ['0', '1', '2', '3'] };
const verdict = (seen, more = {}) => judge({ ...fault, ...more.fault }, { seen: [...seen], requests: 1, pauses: [], ...more }).verdict;

await report(async () => {
  await test('what is missing, double and wrong is counted', async () => {
    assert.deepEqual(compare(['0', '1', '2'], ['0', '0', '2', '0', 'x']), { wanted: 3, seen: 5, lost: 1, repeated: 2, wrong: 1, ordered: false });
    assert.deepEqual(compare(['0', '0'], ['0']), { wanted: 2, seen: 1, lost: 1, repeated: 0, wrong: 0, ordered: false });
  });

  await test('each way to fail has its verdict', async () => {
    assert.equal(verdict('0123'), 'fine');
    assert.equal(verdict('01'), 'hangs');
    assert.equal(verdict(''), 'hangs');
    assert.equal(verdict('01', { closed: '500' }), 'stopped');
    assert.equal(verdict('023'), 'loses');
    assert.equal(verdict('0101010101'), 'loses');
    assert.equal(verdict('012123'), 'repeats');
    assert.equal(verdict('0132'), 'wrong');
    assert.equal(verdict('01x23'), 'wrong');
  });

  await test('a client that has all is still to obey', async () => {
    assert.equal(verdict('0123', { fault: { stops: 2 }, requests: 3 }), 'insists');
    assert.equal(verdict('0123', { fault: { stops: 2 }, requests: 2 }), 'fine');
    assert.equal(verdict('0123', { fault: { waits: 800 }, pauses: [790, 810] }), 'fine');
    assert.equal(verdict('0123', { fault: { waits: 800 }, pauses: [810, 50] }), 'hasty');
  });

  await test('it is over when all is seen, the client gives up, or it begins anew for ever', async () => {
    const settled = (seen, closed) => isSettled(fault, { seen: [...seen], closed });
    assert.deepEqual([settled('012'), settled('0123'), settled('0', 'gone'), settled('0101'), settled('0101010101')], [false, true, true, false, true]);
  });

  await test('long data is compared by its hash', async () => {
    assert.equal(brief({ data: '5' }), '5');
    assert.equal(brief({ type: 'gap', data: 'too old' }), 'gap');
    assert.notEqual(brief({ data: `${'x'.repeat(200)}a` }), brief({ data: `${'x'.repeat(200)}b` }));
    assert.ok(brief({ data: 'x'.repeat(1 << 20) }).length < 100);
  });

  await test('each fault has a name of its own, and something to be seen', async () => {
    assert.equal(new Set(faults.map(({ name }) => name)).size, faults.length);
    for (const fault of faults) {
      assert.ok(fault.expect.length > 0, fault.name);
      assert.ok(new URL(url('http://127.0.0.1:8000', fault, 'a')).searchParams.get('token') === 'a', fault.name);
    }
  });

  await test('the server\'s log says how much was sent, and how long a client has waited', async () => {
    const sent = new Sent();
    for (const line of [
      '23:59:59.900  INFO stream opened id=0 peer=127.0.0.1:1 url="/events?token=fault-1&count=2" attempt=1',
      '23:59:59.950  INFO stream ended id=0 peer=127.0.0.1:1 url="/events?token=fault-1&count=2" attempt=1 events=2 bytes=84 end="eof"',
      '00:00:00.050  INFO stream opened id=1 peer=127.0.0.1:1 url="/events?token=fault-1&count=2" attempt=2',
      '00:00:00.060  INFO stream opened id=2 peer=127.0.0.1:1 url="/events?token=fault-2&count=2" attempt=1',
      '00:00:00.070  WARN 400 `x` is not a parameter',
    ]) sent.read(line);
    const { events, connections, open, pauses } = sent.of('fault-1');
    assert.deepEqual({ events, connections, open, pauses }, { events: 2, connections: 2, open: 1, pauses: [100] });
  });

  /** What the suite says of a client: its whole output, and how it ended. */
  const suite = (...given) => new Promise((resolve) => {
    execFile(process.execPath, [join(import.meta.dirname, 'run.js'), ...given], { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, output: stdout + stderr });
    });
  });

  await test('a program that reads once fails where the connection ends', async () => {
    const command = `"${process.execPath}" "${join(import.meta.dirname, 'examples/naive.js')}"`;
    const { code, output } = await suite('--strict', '--command', command, '--fault', 'no fault', '--fault', 'clean end', '--fault', 'with CR');
    assert.equal(code, 1, output);
    for (const [fault, says] of [['no fault', 'ok '], ['clean end', 'gives up: 3 of 12'], ['lines end with CR', 'gives up: 0 of 12']]) {
      assert.ok(output.split('\n').some((line) => line.includes(`: ${fault} (`) && line.includes(says)), `${fault}: ${says}\n${output}`);
    }
  });

  await test('what is misspelt is told, with the cure', async () => {
    const { code, output } = await suite('--client', 'nobody');
    assert.deepEqual([code, output], [2, 'tests/fault-suite: there is no client nobody, neither in tests/fault-suite/clients nor at that path\n']);
    const { code: status, output: says } = await suite('--browser', 'fire');
    assert.deepEqual([status, says], [2, 'tests/fault-suite: there is no browser fire, but firefox, chromium, webkit\n']);
  });
});
