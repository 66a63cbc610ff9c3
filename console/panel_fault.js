// The part of Do that builds a URL with faults.

import { code, element, show } from './dom.js';
import { conflict, loadTable, valuesOf, withValues } from './fault.js';

export function makeFaults(stream) {
  const place = element('div', { class: 'options' });
  const node = element('details', { 'data-section': 'faults' }, element('summary', {}, 'Build a URL with faults'), place);
  let form;
  node.addEventListener('toggle', async () => {
    if (!node.open || form !== undefined) return;
    try {
      form = faultForm(stream, await loadTable());
      place.replaceChildren(form);
    } catch {
      place.replaceChildren(element('p', { class: 'hint' }, 'This server offers no faults: there is no table of them at /help. To use faults, run ', code('cargo run -p dev-server'), '.'));
    }
  });
  return node;
}

function faultForm(stream, groups) {
  const inputs = new Map();
  const wrong = element('p', { class: 'error', role: 'alert', hidden: true });
  const url = element('code', { class: 'made' });
  const values = () => Object.fromEntries([...inputs].map(([name, input]) => [name, input.value.trim()]));
  // Other parameters of the URL, such as those of another server, stay as they are.
  const made = () => withValues(stream.text, { ...valuesOf(stream.text), ...values() });
  const sections = groups.map(({ title, params }) => element('details', {}, element('summary', {}, title),
    element('div', { class: 'fields' }, ...params.map((param) => field(param, inputs, stream.id)))));

  for (const [name, value] of Object.entries(valuesOf(stream.text))) {
    if (inputs.has(name)) inputs.get(name).value = value;
  }
  const tell = () => {
    url.textContent = made();
    show(wrong, conflict(groups, values()));
  };
  tell();
  return element('form', {
    'aria-label': 'Faults',
    class: 'options',
    novalidate: true,
    oninput: tell,
    onsubmit(event) {
      event.preventDefault();
      stream.text = made();
      stream.submit();
    },
  }, ...sections, wrong, element('p', { class: 'row' }, url), element('p', { class: 'row' }, element('button', { class: 'main' }, 'Connect with these faults')));
}

function field({ name, meaning, allowed, example }, inputs, id) {
  const value = new URLSearchParams(example).get(name) ?? '';
  const input = element('input', {
    id: `fault-${id}-${name}`, name, placeholder: value, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false',
    'aria-describedby': `fault-${id}-${name}-help`,
  });
  inputs.set(name, input);
  return element('div', { class: 'field' }, element('label', { for: input.id }, code(`${name}=`)), input,
    element('small', { id: `fault-${id}-${name}-help` }, `${meaning} Allowed: ${allowed}`));
}
