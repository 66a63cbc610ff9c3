// Makes the fields of a form from descriptions: `{ name, label, flag | choices | lines | number, hint, help }`.

import { element } from './dom.js';

let made = 0;

/** Makes the fields and returns `{ node, read, fill }`; a field that has its initial value counts as not chosen. */
export function fields(descriptions) {
  const group = (made += 1);
  const inputs = new Map();
  const nodes = descriptions.map((description) => {
    const input = inputOf(description);
    const { name, label, help } = description;
    inputs.set(name, input);
    input.id = `option-${group}-${name}`;
    input.name = name;
    const described = help ? `${input.id}-help` : undefined;
    if (described) input.setAttribute('aria-describedby', described);
    const node = element('div', { class: description.flag ? 'field flag' : 'field' }, element('label', { for: input.id }, label), input);
    if (described) node.append(element('small', { id: described }, help));
    node.dataset.field = name;
    return node;
  });
  return {
    node: element('div', { class: 'fields' }, ...nodes),
    /** The chosen values, as text by name. */
    read() {
      const entries = [...inputs].map(([name, input]) => [name, valueOf(input)]);
      return Object.fromEntries(entries.filter(([, value]) => value !== ''));
    },
    fill(values) {
      for (const [name, input] of inputs) {
        const value = values[name] ?? '';
        if (input.type === 'checkbox') input.checked = value !== '';
        else input.value = value;
      }
    },
    field: (name) => inputs.get(name),
  };
}

function valueOf(input) {
  if (input.type === 'checkbox') return input.checked ? 'true' : '';
  return input.tagName === 'TEXTAREA' ? input.value : input.value.trim();
}

function inputOf({ flag, choices, words = [], lines, number, hint }) {
  if (flag) return element('input', { type: 'checkbox' });
  if (choices) {
    const options = choices.map((choice, at) => element('option', { value: choice }, words[at] ?? choice));
    return element('select', {}, ...options);
  }
  const common = { placeholder: hint, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' };
  if (lines) return element('textarea', { rows: 2, ...common });
  return element('input', { ...common, inputmode: number ? 'numeric' : undefined });
}
