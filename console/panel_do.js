// The panel Do: the options of the request, a form for faults, and copying and saving.

import { element, show } from './dom.js';
import { fields } from './form.js';
import { makeFaults } from './panel_fault.js';
import { makeShare } from './panel_share.js';
import { OPTIONS, chosen, sourceOptions } from './options.js';

const FIRST = ['transport', 'types', 'lastEventId', 'reconnect', 'withCredentials', 'method', 'headers', 'body'];

export function makeDo(stream) {
  const usual = fields(FIRST.map((name) => OPTIONS.find((option) => option.name === name)));
  const others = fields(OPTIONS.filter(({ name }) => !FIRST.includes(name)));
  const wrong = element('p', { class: 'error', role: 'alert', hidden: true });
  const form = element('form', { class: 'options', novalidate: true, 'aria-label': 'Options' },
    element('h3', {}, 'Options'),
    usual.node,
    element('details', {}, element('summary', {}, 'More options'), others.node),
    wrong,
    element('p', { class: 'row' }, element('button', { class: 'main' }, 'Connect with these'),
      element('button', { type: 'reset' }, 'Reset')));

  /** Hides the options that the transport does not have. */
  const sift = () => {
    const isFetch = usual.field('transport').value === 'fetch';
    for (const { name, fetch } of OPTIONS) {
      if (fetch) form.querySelector(`[data-field="${name}"]`).hidden = !isFetch;
    }
  };
  /** The options that the form was filled with, so that newer choices stay when the stream is opened. */
  let filled;
  const fill = () => {
    filled = JSON.stringify(stream.options);
    usual.fill(stream.options);
    others.fill(stream.options);
    sift();
    show(wrong, '');
  };
  form.addEventListener('change', sift);
  form.addEventListener('reset', (event) => {
    event.preventDefault();
    stream.options = {};
    fill();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const options = chosen({ ...usual.read(), ...others.read() });
    try {
      sourceOptions(options);
    } catch (error) {
      show(wrong, error.message);
      return;
    }
    show(wrong, '');
    stream.options = options;
    filled = JSON.stringify(options);
    stream.submit();
  });
  fill();
  const node = element('section', { 'aria-label': 'Do' }, form, element('h3', {}, 'Faults'), makeFaults(stream), makeShare(stream));
  const opened = () => {
    if (filled !== JSON.stringify(stream.options)) fill();
  };
  return { node, opened };
}
