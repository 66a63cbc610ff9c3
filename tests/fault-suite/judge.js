// What became of a client: pure, from what it has seen and what the server counted.

import { createHash } from 'node:crypto';

/** A message as it is compared: its data, or the type of one that has another type. Long data is not kept. */
export function brief({ type = 'message', data }) {
  if (type !== 'message') return type;
  return data.length <= 100 ? data : `${data.slice(0, 20)} (${data.length}, ${createHash('sha1').update(data).digest('hex')})`;
}

/** Both as counts: what is missing, what came more often than it was to come, and what was never sent. */
export function compare(expect, seen) {
  const wanted = tally(expect);
  const had = tally(seen);
  let lost = 0;
  let repeated = 0;
  let wrong = 0;
  for (const [item, count] of wanted) lost += Math.max(0, count - (had.get(item) ?? 0));
  for (const [item, count] of had) {
    if (!wanted.has(item)) wrong += count;
    else repeated += Math.max(0, count - wanted.get(item));
  }
  return { wanted: expect.length, seen: seen.length, lost, repeated, wrong, ordered: inOrder(expect, seen) };
}

function tally(items) {
  const counts = new Map();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

/** Whether what was expected came in its order, whatever came between. */
function inOrder(expect, seen) {
  let next = 0;
  for (const item of seen) if (item === expect[next]) next += 1;
  return next === expect.length;
}

/** Whether nothing more is to be learnt by waiting. */
export function isSettled(fault, { seen, closed }) {
  const { lost, repeated, wrong } = compare(fault.expect, seen);
  return lost === 0 || closed !== undefined || repeated + wrong > fault.expect.length;
}

/**
 * The verdict: `fine`, or in which way it is not.
 *
 *   stopped   it said that it is over, before it had all
 *   hangs     it neither had all within the time nor said that it is over
 *   loses     it had what came later, and something before that is missing
 *   repeats   it has all, and some twice
 *   wrong     it has messages that nobody sent, or in another order
 *   insists   it asked again after it was told to ask no more
 *   hasty     it came back sooner than the server had asked it to
 */
export function judge(fault, { seen, closed, requests, pauses }) {
  const counts = compare(fault.expect, seen);
  return { ...counts, verdict: verdict(fault, counts, { seen, closed, requests, pauses }) };
}

function verdict(fault, counts, { seen, closed, requests, pauses }) {
  if (counts.lost > 0) {
    if (closed !== undefined) return 'stopped';
    return counts.repeated + counts.wrong === 0 && !skipped(fault.expect, seen) ? 'hangs' : 'loses';
  }
  if (counts.wrong > 0 || !counts.ordered) return 'wrong';
  if (counts.repeated > 0) return 'repeats';
  if (fault.stops !== undefined && requests > fault.stops) return 'insists';
  // A tenth less, as clocks differ, and both ends round.
  if (fault.waits !== undefined && pauses.some((pause) => pause < fault.waits * 0.9)) return 'hasty';
  return 'fine';
}

/** Whether something was seen although what comes before it was not. */
function skipped(expect, seen) {
  return seen.some((item, n) => item !== expect[n]);
}
