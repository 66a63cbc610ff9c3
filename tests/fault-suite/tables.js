// The results as Markdown.

import { GROUPS } from './faults.js';

const title = ({ name, version, note }) => `${name}${version === undefined ? '' : ` ${version}`}${note === undefined ? '' : ` (${note})`}`;
const row = (cells) => `|${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join('|')}|`;
const head = (cells) => [row(cells), row(cells.map(() => '--'))];

const SHOWN = {
  fine: () => '✓',
  stopped: ({ seen, wanted }) => `gives up: ${seen} of ${wanted}`,
  hangs: ({ seen, wanted }) => `never comes back: ${seen} of ${wanted}`,
  loses: ({ lost, repeated }) => `loses ${lost}${repeated > 0 ? `, repeats ${repeated}` : ''}`,
  repeats: ({ repeated }) => `repeats ${repeated}`,
  wrong: ({ wrong }) => (wrong > 0 ? `${wrong} that nobody sent` : 'in another order'),
  insists: () => 'asks again',
  hasty: () => 'too soon',
};

export const shown = (result) => SHOWN[result.verdict](result);

/** What became of each client. */
export function verdicts(clients, faults, results) {
  const lines = head(['', ...clients.map(title)]);
  for (const [group, text] of Object.entries(GROUPS)) {
    const rows = faults.map((fault, n) => [fault, n]).filter(([fault]) => fault.group === group);
    if (rows.length > 0) lines.push(row([`**${text}**`, ...clients.map(() => '')]));
    for (const [fault, n] of rows) lines.push(row([fault.name, ...results.map((all) => shown(all[n]))]));
  }
  return lines;
}

const sum = (all, name) => all.reduce((total, result) => total + result[name], 0);

/** All faults of a client together. */
export function totals(clients, faults, results) {
  const lines = head(['', 'without a flaw', 'to be seen', 'sent', 'seen', 'lost', 'repeated', 'never sent', 'gave up', 'never came back', 'connections', 'errors that nobody could catch']);
  clients.forEach((client, n) => {
    const all = results[n];
    const having = (verdict) => all.filter((result) => result.verdict === verdict).length;
    lines.push(row([
      title(client), `${having('fine')} of ${faults.length}`,
      ...['wanted', 'sent', 'seen', 'lost', 'repeated', 'wrong'].map((name) => sum(all, name)),
      having('stopped'), having('hangs'), sum(all, 'connections'), client.uncaught.length,
    ]));
  });
  return lines;
}

/** The figures of each fault: sent by the server over all connections, seen, lost, repeated. */
export function figures(clients, faults, results) {
  const lines = head(['', 'to be seen', ...clients.map(title)]);
  faults.forEach((fault, n) => {
    lines.push(row([fault.name, fault.expect.length, ...results.map((all) => {
      const { sent, seen, lost, repeated } = all[n];
      return `${sent} · ${seen} · ${lost} · ${repeated}`;
    })]));
  });
  return lines;
}
