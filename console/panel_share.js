// The part of Do that copies snippets, and saves and opens files.

import { button, element, number, show } from './dom.js';
import { har, jsonLines, rawScript } from './exports.js';
import { readMessages } from './imports.js';
import { curl, javaScript, rust } from './snippets.js';

/** The maximum size of a file that is read. */
const MOST_BYTES = 64 * 1024 * 1024;

export function makeShare(stream) {
  const said = element('p', { class: 'hint', role: 'status', hidden: true });
  const text = element('pre', { tabindex: 0, 'aria-label': 'Copied', hidden: true });

  const copy = (make) => async () => {
    try {
      show(text, make(stream.connection.source.url, stream.options));
      await navigator.clipboard.writeText(text.textContent);
      show(said, 'Copied.');
    } catch (error) {
      // A page without permission to copy still shows the text.
      show(said, text.hidden ? error.message : 'The browser does not let this page copy: copy the text below by hand.');
    }
  };
  const save = (name, type, make) => () => {
    const { connection } = stream;
    if (connection === null || connection.history.next === connection.history.first) {
      show(said, 'There are no messages to save.');
      return;
    }
    try {
      download(name, type, make(connection));
    } catch (error) {
      show(said, error.message);
      return;
    }
    show(said, `Saved as ${name}: ${number.format(connection.history.next - connection.history.first)} messages.`);
  };
  const replay = async () => {
    const { connection } = stream;
    try {
      const response = await fetch('/raw', { method: 'POST', body: rawScript(connection.history, connection.wire) });
      if (response.status === 404 || response.status === 405) throw new Error('This server has no /raw: to replay messages, run cargo run -p dev-server.');
      const answer = (await response.text()).trim();
      if (!response.ok) throw new Error(answer);
      const { pathname, search } = new URL(answer, document.baseURI);
      stream.text = pathname + search;
      stream.submit();
    } catch (error) {
      show(said, error.message);
    }
  };
  const file = element('input', { type: 'file', accept: '.jsonl,.ndjson,.json,.har,.txt,text/event-stream', 'aria-label': 'Open a file',
    async onchange() {
      const [given] = file.files;
      file.value = '';
      if (given === undefined) return;
      try {
        if (given.size > MOST_BYTES) throw new Error(`${given.name} is too large: a file may have 64 MiB at most.`);
        stream.showFile(given.name, readMessages(await given.text()));
      } catch (error) {
        show(said, error.message);
      }
    } });

  return element('section', { class: 'options', 'aria-label': 'Copy, save and open' },
    element('h3', {}, 'Copy'),
    element('p', { class: 'row' }, button('curl', copy(curl)), button('Rust', copy(rust)), button('JavaScript', copy(javaScript))),
    text,
    element('h3', {}, 'Save'),
    element('p', { class: 'row' },
      button('JSON Lines', save('messages.jsonl', 'application/x-ndjson', ({ history }) => jsonLines(history))),
      button('HAR', save('messages.har', 'application/json', ({ source, timeline, history }) =>
        har(source.url, (stream.options.transport === 'fetch' && stream.options.method) || 'GET', timeline.attemptsKept, history))),
      button('/raw script', save('messages.raw.json', 'application/json', ({ history, wire }) => rawScript(history, wire))),
      button('Replay through /raw', replay)),
    element('h3', {}, 'Open'),
    element('p', { class: 'row' }, file),
    said);
}

function download(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = element('a', { href: url, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  // The browser must have started reading it before it is revoked.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
