// The panel See: plots of the last minute, the states of the source, and what the server asks for.

import { COUNT, WIDTH } from './buckets.js';
import { bytes, element, number, precise, terms } from './dom.js';
import { makePlot } from './plot.js';
import { explain } from './timeline.js';

const TELL = 5000;

export function makeSee(stream) {
  const rate = makePlot('Messages per second', { show: (value) => number.format(value), width: WIDTH, bars: true });
  const gap = makePlot('Longest gap', { show: precise, width: WIDTH });
  const delay = makePlot('Longest delay', { show: precise, width: WIDTH });
  const noDelay = element('p', { class: 'hint' }, 'Delays can’t be shown, because the ids of this stream don’t say when messages were due.');
  const states = element('ol', { class: 'timeline', 'aria-label': 'States, the newest first' });
  const asked = element('div');
  const node = element('section', { 'aria-label': 'See' }, rate.node, gap.node, delay.node, noDelay,
    element('h3', {}, 'States and attempts'), states, element('h3', {}, 'What the server asks for'), asked);

  let frame = 0;
  let toldAt = 0;
  let drawn;
  let shownStates = -1;
  let saidOfServer = '';

  const draw = () => {
    frame = requestAnimationFrame(draw);
    const { connection } = stream;
    if (connection === null) return;
    const now = performance.timeOrigin + performance.now();
    const edge = Math.floor(now / WIDTH);
    const newest = connection.history.next;
    // While a stream is idle, the plots change only with the next bucket.
    if (drawn === `${edge} ${newest} ${node.clientWidth}`) return;
    drawn = `${edge} ${newest} ${node.clientWidth}`;

    const buckets = connection.buckets.before(now);
    const whole = buckets.slice(COUNT - 1 - 1000 / WIDTH, COUNT - 1).reduce((sum, { count }) => sum + count, 0);
    const rates = `${number.format(whole)} in the last second`;
    rate.draw(buckets.map(({ count }) => count * (1000 / WIDTH)), rates);
    const gaps = buckets.map((bucket) => bucket.gap);
    gap.draw(gaps, newestOf(gaps));
    const delays = buckets.map((bucket) => bucket.delay);
    delay.node.hidden = delays.every((value) => value === null);
    noDelay.hidden = !delay.node.hidden;
    delay.draw(delays, newestOf(delays));
    if (now - toldAt > TELL) {
      toldAt = now;
      rate.tell(rates);
      gap.tell(newestOf(gaps));
      delay.tell(newestOf(delays));
      fillServer(connection);
    }
    fillStates(connection.timeline);
  };

  const fillStates = ({ entries }) => {
    const newest = entries.at(-1)?.number ?? -1;
    if (newest === shownStates) return;
    shownStates = newest;
    const lines = entries.slice(-100).map((entry, at, all) => {
      const until = all[at + 1]?.time;
      return element('li', { 'data-state': entry.state.name },
        element('time', {}, new Date(entry.time).toLocaleTimeString()),
        element('strong', {}, entry.state.name),
        element('span', { class: 'soft' }, until === undefined ? '' : precise(until - entry.time)),
        element('span', { class: 'why' }, explain(entry)));
    });
    states.replaceChildren(...lines.reverse());
    fillServer(stream.connection);
  };

  const fillServer = ({ wire, timeline, source }) => {
    const { response } = timeline;
    const pairs = [
      ['retry:', wire === null ? 'only with the transport fetch' : wire.retry === null ? 'not sent' : `${number.format(wire.retry)} ms`],
      ['comments', wire === null ? 'only with the transport fetch' : number.format(wire.comments)],
      ['bytes', wire === null ? 'only with the transport fetch' : bytes(wire.bytes)],
      ['attempts', number.format(timeline.attempts)],
      ['last event ID', source.lastEventId || 'none'],
    ];
    if (response !== null) pairs.push(['status', String(response.status)], ...response.headers);
    const said = JSON.stringify(pairs);
    if (said === saidOfServer) return;
    saidOfServer = said;
    asked.replaceChildren(terms(pairs));
  };

  return {
    node,
    shown(isShown) {
      cancelAnimationFrame(frame);
      drawn = undefined;
      if (isShown) draw();
    },
    opened() {
      shownStates = -1;
      drawn = undefined;
    },
  };
}

function newestOf(values) {
  const value = values.findLast((one) => one !== null);
  return value === undefined ? 'none in this minute' : `newest ${precise(value)}`;
}
