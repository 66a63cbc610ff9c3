// The panel Server: who reads the dev server's streams, with a button to end each, and a form to push an event.

import { bytes, button, duration, element, number, show } from './dom.js';
import { fields } from './form.js';

const ENDS = ['abort', 'reset', 'eof', 'stall'];
const ABSENT = 'This server has none of it: it is no dev server of this project. Run cargo run -p dev-server for it.';

/** Fills the panel in `place`; `{ open(), close() }` begin and end its stream of connections. */
export function makeLab(place, wasm) {
  const absent = element('p', { class: 'hint', hidden: true }, ABSENT);
  const said = element('p', { class: 'hint', role: 'status', hidden: true });
  const rows = element('tbody');
  const none = element('p', { class: 'hint' }, 'Nobody reads a stream.');
  const ending = element('select', { 'aria-label': 'How connections are ended' }, ...ENDS.map((end) => element('option', {}, end)));
  const heads = ['', 'URL', 'reader', 'for', 'events', 'bytes', 'last ID'];
  const table = element('table', {},
    element('thead', {}, element('tr', {}, ...heads.map((head) => element('th', { scope: 'col' }, head)))), rows);

  const kill = async (id) => {
    const path = id === undefined ? '/connections' : `/connections/${id}`;
    await ask(said, `${path}?end=${ending.value}`, { method: 'DELETE' });
  };
  const killAll = button('End all', () => kill(), { 'data-kill': 'all' });
  const faults = element('input', { 'aria-label': 'Faults for a stream that runs', placeholder: 'rate=1KB/s', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' });
  const change = async (id) => {
    const query = faults.value.trim();
    if (await ask(said, `/connections/${id}?${query}`, { method: 'PATCH' })) show(said, `Connection ${id} goes on with ${query}.`);
  };
  const connections = element('section', { 'aria-label': 'Connections' },
    element('div', { class: 'row' }, element('h2', {}, 'Connections'), ending, killAll),
    none, element('div', { class: 'wide' }, table),
    element('p', { class: 'hint' }, element('label', {}, 'Change gives a stream these faults while it runs: ', faults)));

  const shown = new Map();
  const list = (told) => {
    none.hidden = told.length > 0;
    table.hidden = told.length === 0;
    killAll.disabled = told.length === 0;
    const ids = new Set(told.map(({ id }) => id));
    for (const [id, row] of shown) {
      if (!ids.has(id)) {
        row.node.remove();
        shown.delete(id);
      }
    }
    // Rows stay the same elements: a button that is replaced while it is pressed does nothing.
    for (const connection of told.slice(-ROWS)) {
      if (!shown.has(connection.id)) {
        const row = makeRow(connection, kill, change);
        shown.set(connection.id, row);
        rows.append(row.node);
      }
      shown.get(connection.id).fill(connection);
    }
  };
  list([]);

  place.replaceChildren(absent, connections, pushForm(said), said);

  let source;
  return {
    open() {
      source = new wasm.EventSource('/connections', { reconnect: true, gapEvent: null });
      source.addEventListener('message', ({ data }) => list(JSON.parse(data).connections));
      source.addEventListener('statechange', ({ detail }) => {
        const isAway = detail.name === 'closed' || detail.name === 'waiting';
        absent.hidden = detail.name !== 'closed' || detail.reason !== 'failure';
        if (isAway) list([]);
      });
    },
    close() {
      source?.close();
      list([]);
    },
  };
}

/** How many connections are shown, the newest. */
const ROWS = 200;

function makeRow({ id, url, peer }, kill, change) {
  const cells = ['since', 'events', 'bytes', 'last'].map(() => element('td'));
  const [since, events, sent, last] = cells;
  const node = element('tr', { 'data-id': id },
    element('td', {}, button('End', () => kill(id), { 'aria-label': `End ${url}, connection ${id}` }), ' ',
      button('Change', () => change(id), { 'aria-label': `Change ${url}, connection ${id}` })),
    element('td', { class: 'url', title: url }, url), element('td', {}, peer ?? ''), ...cells);
  const fill = (connection) => {
    since.textContent = duration(Math.max(0, Date.now() - connection.since));
    events.textContent = number.format(connection.events);
    sent.textContent = bytes(connection.bytes);
    last.textContent = connection.last_event_id ?? '';
  };
  return { node, fill };
}

function pushForm(said) {
  const form = fields([
    { name: 'channel', label: 'Channel', hint: 'news' },
    { name: 'type', label: 'Type', hint: 'message' },
    { name: 'id', label: 'ID', hint: 'made by the server' },
    { name: 'retry', label: 'Retry, ms', hint: '3000', number: true },
    { name: 'data', label: 'Data', hint: 'hello', lines: true },
  ]);
  return element('form', {
    'aria-label': 'Push',
    novalidate: true,
    async onsubmit(event) {
      event.preventDefault();
      const { channel = '', data = '', ...query } = form.read();
      if (channel === '') {
        show(said, 'A channel is needed: the news of /events?channel=news.');
        form.field('channel').focus();
        return;
      }
      const answer = await ask(said, `/push/${encodeURIComponent(channel)}?${new URLSearchParams(query)}`, { method: 'POST', body: data });
      if (answer) show(said, `Sent as ${answer.id} to ${number.format(answer.readers)} ${answer.readers === 1 ? 'reader' : 'readers'} of /events?channel=${channel}.`);
    },
  }, element('h2', {}, 'Push an event'), form.node, element('p', { class: 'row' }, element('button', { class: 'main' }, 'Push')));
}

/** What the server answers as JSON; where it refuses, its line is shown. */
async function ask(said, path, init) {
  try {
    const response = await fetch(path, init);
    const text = await response.text();
    if (response.ok) {
      show(said, '');
      return JSON.parse(text);
    }
    show(said, response.status === 404 && !text.includes('GET /connections') ? ABSENT : `${response.status}: ${text.trim().slice(0, 500)}`);
  } catch (error) {
    show(said, `The server can’t be reached (${error.message}).`);
  }
  return undefined;
}
