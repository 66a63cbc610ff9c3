// The tables of docs/conformance.md, a section for each browser, of what pages/conformance.js kept of its cases.

import { readFile, writeFile } from 'node:fs/promises';

const DOC = new URL('../../docs/conformance.md', import.meta.url);
const HTML = 'https://html.spec.whatwg.org/multipage/server-sent-events.html';
/** What each group of cases is about, and where the Standard says it. */
const GROUPS = {
  construction: ['The constructor and the class', `${HTML}#the-eventsource-interface`],
  parsing: ['Parsing', `${HTML}#event-stream-interpretation`],
  answers: ['Status, media type, redirects', `${HTML}#sse-processing-model`],
  origins: ['Other origins, credentials, the request', `${HTML}#dom-eventsource`],
  reconnecting: ['Reconnecting', `${HTML}#reestablish-the-connection`],
  closing: ['Closing', `${HTML}#dom-eventsource-close`],
  listeners: ['Listeners, handlers and events', 'https://dom.spec.whatwg.org/#interface-eventtarget'],
};
const WHO = { platform: 'the browser\'s own object', native: 'no options', options: 'options', fetch: 'fetch' };
const NAMES = { firefox: 'Firefox', chromium: 'Chromium', webkit: 'WebKitGTK' };

const marks = (kind) => [`<!-- ${kind}: written by CONFORMANCE=write tests/run.sh js-${kind} -->`, `<!-- ${kind}: end -->`];
const text = (name) => name.replaceAll('|', '\\|').replaceAll('<', '&lt;').replace(/[\r\n\t]+/g, ' ');
const plural = (number) => `${number} case${number === 1 ? '' : 's'}`;

/** The section without the browser's version, which may differ where the cases don't. */
export function table(cases) {
  const lines = [];
  const differing = cases.filter(({ excuses, impossible }) => impossible || Object.values(excuses).some((reason) => reason));
  lines.push(`${plural(cases.length)}: ${cases.length - differing.length} are the same for all four, ${differing.length} may differ.`, '');
  lines.push('|Cases|Standard|No options|Options|`fetch`|', '|--|--|--|--|--|');
  for (const [group, [title, link]] of Object.entries(GROUPS)) {
    const own = cases.filter((one) => one.group === group);
    const same = (who) => own.filter(({ excuses, impossible }) => !impossible && !excuses[who] && !excuses.platform).length;
    lines.push(`|${title}|[${new URL(link).hash}](${link})|${['native', 'options', 'fetch'].map((who) => `${same(who)} of ${own.length}`).join('|')}|`);
  }
  lines.push('', '|May differ|Where|Reason|Standard|', '|--|--|--|--|');
  for (const { group, name, excuses, impossible } of differing) {
    const reasons = new Map();
    // In this order: a driver may sort the members of what it passes on.
    for (const [who, shown] of Object.entries(WHO)) {
      const reason = excuses[who];
      if (reason) reasons.set(reason, [...(reasons.get(reason) ?? []), shown]);
    }
    if (impossible) reasons.set(impossible, ['not compared']);
    for (const [reason, who] of reasons) lines.push(`|${text(name)}|${who.join(', ')}|${text(reason)}|[${group}](${GROUPS[group][1]})|`);
  }
  lines.push('', '<details><summary>All cases</summary>', '');
  for (const [group, [title]] of Object.entries(GROUPS)) {
    lines.push(`- **${title}**: ${cases.filter((one) => one.group === group).map(({ name }) => text(name)).join(' · ')}`);
  }
  return [...lines, '', '</details>'].join('\n');
}

async function read(kind) {
  const document = await readFile(DOC, 'utf8');
  const [start, end] = marks(kind).map((mark) => document.indexOf(mark));
  if (start < 0 || end < start) throw new Error(`docs/conformance.md has no place for the table: the lines ${marks(kind).join(' and ')}`);
  return { document, from: start + marks(kind)[0].length, to: end };
}

export async function write(kind, version, cases) {
  const { document, from, to } = await read(kind);
  await writeFile(DOC, `${document.slice(0, from)}\n\n${NAMES[kind]} ${version}.\n${table(cases)}\n\n${document.slice(to)}`);
}

/** Throws unless the committed table is that of these cases, whatever version of the browser it was written with. */
export async function check(kind, cases) {
  const { document, from, to } = await read(kind);
  const committed = document.slice(from, to).trim().split('\n').slice(1).join('\n');
  if (committed !== table(cases)) {
    throw new Error(`docs/conformance.md is not what ${NAMES[kind]} shows: write it with CONFORMANCE=write tests/run.sh js-${kind}`);
  }
}
