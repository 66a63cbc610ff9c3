import { pause, until } from '../harness.js';

/** Whether an event is the Standard's own `error`, and not a message of that name. */
const isError = (row) => row.type === 'error' && row.data === undefined;

/**
 * Opens a source and writes down its events until `ends`, by default the first error; then closes it and waits whether
 * more comes. `act` may do something with the source at each event, and at once (without one).
 */
export async function observe(contender, url, { init, types = ['a', 'b', 'gap'], ends = (rows) => rows.some(isError), act, read = (data) => data } = {}) {
  const source = contender.make(url, init);
  const rows = [];
  const note = (event) => {
    const { type, data, lastEventId, origin, constructor, bubbles, cancelable, composed } = event;
    const shown = data === undefined ? undefined : read(data);
    rows.push({ type, readyState: source.readyState, data: shown, lastEventId, origin, class: constructor.name, bubbles, cancelable, composed });
    act?.(source, event, rows);
  };
  for (const type of ['open', 'message', 'error', ...types]) source.addEventListener(type, note);
  act?.(source, undefined, rows);
  await until(`the case ends; seen: ${JSON.stringify(rows).slice(0, 500)}`, () => ends(rows, source));
  const last = source.readyState;
  source.close();
  await pause(30);
  rows.push({ type: 'end', readyState: `${last} ${source.readyState}` });
  return rows;
}

/** A case whose source is read until its first error. */
export const reads = (name, url, sees, options) => ({
  name,
  sees: sees === undefined ? undefined : `${sees} end`.trimStart(),
  run: async (contender) => observe(contender, await url(), options),
});
