// Small helpers that make elements and format what the page shows.

export const number = new Intl.NumberFormat();

/** Makes an element. Members of `attributes` that start with `on` are listeners; `false` and `undefined` omit an attribute. */
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, '');
    else if (value !== false && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

/** Sets the text only if it changes: setting the same text again would cause another announcement and layout. */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Shows a text in an element, which is hidden if the text is empty. */
export function show(node, text) {
  node.hidden = text === '';
  write(node, text);
}

export function sentence(text) {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

export function duration(ms) {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return `${number.format(Math.floor(seconds / 3600))} h`;
}

/** A duration with a useful number of digits: `0.4 ms`, `12 ms`, `1.25 s`. */
export function precise(ms) {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(2)} s` : duration(ms);
}

export function bytes(count) {
  if (count < 1024) return `${number.format(count)} B`;
  if (count < 1024 * 1024) return `${(count / 1024).toFixed(1)} KiB`;
  return `${(count / 1024 / 1024).toFixed(1)} MiB`;
}

/** A field with its label, which refers to the field's id. */
let ids = 0;
export function labelled(label, field) {
  field.id ||= `field-${++ids}`;
  return element('div', { class: 'field' }, element('label', { for: field.id }, label), field);
}

export function button(text, pressed, attributes = {}) {
  return element('button', { type: 'button', onclick: pressed, ...attributes }, text);
}

export function code(text) {
  return element('code', {}, text);
}

/** A list of terms: `[[term, definition], …]`. */
export function terms(pairs) {
  return element('dl', { class: 'terms' }, ...pairs.flatMap(([term, text]) => [element('dt', {}, term), element('dd', {}, text)]));
}
