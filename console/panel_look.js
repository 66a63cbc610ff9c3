// The panel Look: finds messages, and opens one of them.

import { button, bytes, element, number, precise, show, terms } from './dom.js';
import { makeFilter } from './filter.js';
import { fields } from './form.js';
import { jsonTree } from './json_tree.js';
import { hex, visible } from './wire.js';

/** How much of a message's data is shown. */
const MUCH = 100_000;

export function makeLook(stream) {
  const form = fields([
    { name: 'find', label: 'Data contains', hint: 'text' },
    { name: 'only', label: 'Types', hint: 'message, tick' },
    { name: 'regexp', label: 'Use as a regular expression', flag: true },
  ]);
  const wrong = element('p', { class: 'error', role: 'alert', hidden: true });
  const found = element('p', { class: 'hint', role: 'status', hidden: true });
  const hint = element('p', { class: 'hint' }, 'Select a line to see its message, or press Enter in the list for the newest. Then use ↑ and ↓ to move to others.');
  const details = element('section', { class: 'details', 'aria-label': 'Message', hidden: true });
  const search = element('form', { class: 'options', role: 'search', novalidate: true }, form.node,
    element('p', { class: 'row' }, element('button', {}, 'Find'), element('button', { type: 'reset' }, 'Show all')));
  const node = element('section', { 'aria-label': 'Look' }, search, wrong, found, hint, details);

  let open;

  const apply = () => {
    const { connection } = stream;
    const filtered = stream.filter;
    let filter;
    try {
      filter = makeFilter(filtered);
    } catch (error) {
      show(wrong, error.message);
      form.field('find').setAttribute('aria-invalid', 'true');
      return;
    }
    show(wrong, '');
    form.field('find').removeAttribute('aria-invalid');
    connection?.list.filter(filter);
    if (filter === null || connection === null) {
      show(found, '');
      return;
    }
    let count = 0;
    for (const message of connection.history) if (filter(message)) count += 1;
    const kept = connection.history.next - connection.history.first;
    show(found, `${number.format(count)} of ${number.format(kept)} kept messages match; new messages are filtered too.`);
  };

  search.addEventListener('submit', (event) => {
    event.preventDefault();
    stream.filter = form.read();
    apply();
    stream.changed();
  });
  search.addEventListener('reset', (event) => {
    event.preventDefault();
    form.fill({});
    stream.filter = {};
    apply();
    stream.changed();
  });

  const close = () => {
    mark(undefined);
    details.hidden = true;
    hint.hidden = false;
    open = undefined;
  };

  const mark = (number) => {
    stream.parts.list.querySelector('[aria-current]')?.removeAttribute('aria-current');
    if (number === undefined) return;
    const line = stream.connection.list.lineOf(number);
    line?.setAttribute('aria-current', 'true');
    line?.scrollIntoView({ block: 'nearest' });
  };

  const step = (by) => {
    const { list } = stream.connection;
    const filter = makeFilter(stream.filter);
    for (let at = open + by; list.message(at) !== undefined; at += by) {
      if (filter === null || filter(list.message(at))) {
        look(at);
        return;
      }
    }
  };

  const look = (at) => {
    const { connection } = stream;
    const message = connection?.list.message(at);
    if (message === undefined) return;
    open = at;
    hint.hidden = true;
    details.hidden = false;
    details.replaceChildren(
      element('div', { class: 'row' }, element('h3', { tabindex: -1 }, `Message ${number.format(at + 1)}`),
        button('↑', () => step(-1), { 'aria-label': 'Previous message', class: 'icon' }),
        button('↓', () => step(1), { 'aria-label': 'Next message', class: 'icon' }),
        button('×', () => { close(); stream.parts.list.focus(); }, { 'aria-label': 'Close the message', class: 'icon' })),
      facts(message), dataOf(message), ...wireOf(connection.wire, message));
    mark(at);
  };

  return {
    node,
    look,
    step,
    close,
    get open() { return open; },
    opened() {
      close();
      form.fill(stream.filter);
      apply();
    },
  };
}

function facts({ type, id, time, gap, data }) {
  return terms([
    ['type', type],
    ['id', id === '' ? 'none' : id],
    ['time', timeOf(time)],
    ['gap before', gap === null ? 'none: the first message' : precise(gap)],
    ['size', bytes(new TextEncoder().encode(data).length)],
  ]);
}

function timeOf(time) {
  const date = new Date(time);
  return `${date.toLocaleTimeString()} (${date.toISOString().slice(11, 23)} UTC)`;
}

function dataOf({ data }) {
  const tree = data.length > MUCH * 10 ? null : jsonTree(data);
  const text = element('pre', { tabindex: 0, 'aria-label': 'Data' }, data.length > MUCH ? `${data.slice(0, MUCH)}…` : data);
  if (tree === null) return text;
  return element('div', { class: 'json' }, tree, element('details', {}, element('summary', {}, 'As text'), text));
}

function wireOf(wire, message) {
  if (wire === null) return [element('p', { class: 'hint' }, 'To see comments, retry: and bytes, choose the transport fetch in Do.')];
  const block = wire.get(message.number);
  if (block === undefined) return [element('p', { class: 'hint' }, 'The bytes of this message are not kept: it is too old, or duplicates are suppressed.')];
  const pairs = [['bytes', bytes(block.bytes.length)]];
  if (block.retry !== null) pairs.push(['retry:', `${number.format(block.retry)} ms`]);
  for (const comment of block.comments) pairs.push(['comment', comment === '' ? '(empty)' : comment]);
  for (const line of block.ignored) pairs.push(['ignored', line]);
  const text = element('pre', { class: 'wire', tabindex: 0, 'aria-label': 'As received' }, visible(block.bytes.subarray(0, MUCH)));
  return [terms(pairs), text, element('details', {}, element('summary', {}, 'Bytes'), element('pre', { tabindex: 0 }, hex(block.bytes)))];
}
