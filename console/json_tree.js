// Shows JSON data as a tree with branches that can be opened and closed.

import { element } from './dom.js';

/** How many members of an object or an array are shown at once. */
const MANY = 200;

/** The tree of a text that is a JSON object or array; `null` for any other text. */
export function jsonTree(text) {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return branch('', JSON.parse(text), true);
  } catch {
    return null;
  }
}

function label(key) {
  return key === '' ? '' : element('span', { class: 'key' }, `${key}: `);
}

function branch(key, value, isOpen = false) {
  if (value === null || typeof value !== 'object') {
    return element('div', { class: 'leaf' }, label(key), element('span', { class: value === null ? 'null' : typeof value }, JSON.stringify(value)));
  }
  const entries = Object.entries(value);
  const isList = Array.isArray(value);
  const size = isList ? `[${entries.length}]` : `{${entries.length}}`;
  const node = element('details', { class: 'branch', open: isOpen }, element('summary', {}, label(key), element('span', { class: 'size' }, size)));
  // The contents of a closed branch are made when it is opened, because a message may have a million members.
  let shown = 0;
  const more = () => {
    node.querySelector(':scope > button')?.remove();
    node.append(...entries.slice(shown, shown + MANY).map(([name, member]) => branch(name, member)));
    shown = Math.min(shown + MANY, entries.length);
    if (shown < entries.length) node.append(element('button', { type: 'button', onclick: more }, `${entries.length - shown} more`));
  };
  if (isOpen) more();
  else node.addEventListener('toggle', () => { if (shown === 0) more(); }, { once: true });
  return node;
}
