// The table: every case is run with the platform's object and with this class, and what each saw has to be the same.

import * as answers from './cases/answers.js';
import * as closing from './cases/closing.js';
import * as construction from './cases/construction.js';
import * as listeners from './cases/listeners.js';
import * as origins from './cases/origins.js';
import * as parsing from './cases/parsing.js';
import * as reconnecting from './cases/reconnecting.js';
import { contenders, platform, ready } from './contenders.js';
import { engine, same, show, test } from './harness.js';

const groups = { construction, parsing, answers, origins, reconnecting, closing, listeners };

for (const [group, { cases }] of Object.entries(groups)) {
  for (const { name, run, sees, differs = {}, impossible } of cases) {
    test(`${group}: ${name}`, async ({ note, keep }) => {
      const excuses = Object.fromEntries(['platform', ...contenders.map((contender) => contender.name)].map((who) => [who, excuse(differs[who])]));
      // For docs/conformance.md.
      keep({ group, name, excuses, impossible: impossible?.[engine] });
      if (impossible?.[engine] !== undefined) {
        note(`not to be compared: ${impossible[engine]}`);
        return;
      }
      await ready;
      const all = [platform, ...contenders];
      const [expected, ...seen] = await Promise.all(all.map((contender) => run(contender)));
      note(summary(expected));
      // What the platform is known to do: a case in which it sees nothing would prove nothing.
      const strange = excuse(differs.platform);
      if (strange !== undefined) note(`the platform's may differ from the Standard: ${strange}`);
      else if (sees !== undefined) same(types(expected), sees, 'the platform itself sees something else');
      contenders.forEach(({ name: who }, index) => {
        const reason = excuse(differs[who]);
        if (reason === undefined) same(seen[index], expected, `${who} differs from the platform`);
        else note(`${who} may differ: ${reason}`);
      });
    });
  }
}

/** Why a contender may differ in this browser, of reasons by the engine's name. */
const excuse = (reasons = {}) => reasons.any ?? reasons[engine];

const types = (rows) => rows.map((row) => row.type).join(' ');

function summary(rows) {
  const text = Array.isArray(rows) && rows.every((row) => row?.type !== undefined)
    ? rows.map(({ type, readyState, data, lastEventId }) => `${type} ${readyState}${data === undefined ? '' : ` ${show(data)}`}${lastEventId ? ` ${show(lastEventId)}` : ''}`).join(' · ')
    : show(rows);
  return text.length > 300 ? `${text.slice(0, 300)} …` : text;
}
