// The panels of a stream, which are made when they are first opened.

import { makeDo } from './panel_do.js';
import { makeLook } from './panel_look.js';
import { makeSee } from './panel_see.js';

const makers = { look: makeLook, see: makeSee, do: makeDo };

/** Makes the tabs of `stream` show and hide its panels, one at a time; `changed` is called when another one is shown. */
export function panels(stream, changed) {
  const { panels: place } = stream.parts;
  const tabs = [...stream.root.querySelectorAll('[data-tab]')];
  const made = new Map();
  let shown = '';

  const panelOf = (name) => {
    if (!made.has(name)) {
      const panel = makers[name](stream);
      panel.node.classList.add('panel');
      panel.node.id = `${name}-panel-${stream.id}`;
      made.set(name, panel);
      place.append(panel.node);
    }
    return made.get(name);
  };

  const open = (name) => {
    if (name !== '') panelOf(name);
    shown = name;
    place.hidden = name === '';
    stream.root.classList.toggle('has-panel', name !== '');
    for (const tab of tabs) tab.setAttribute('aria-expanded', String(tab.dataset.tab === name));
    for (const [other, panel] of made) {
      panel.node.hidden = other !== name;
      panel.shown?.(other === name);
    }
    changed();
  };

  for (const tab of tabs) {
    const name = tab.dataset.tab;
    tab.setAttribute('aria-controls', `${name}-panel-${stream.id}`);
    tab.addEventListener('click', () => open(shown === name ? '' : name));
  }
  // An open panel now has to show the new connection.
  stream.addEventListener('opened', () => {
    for (const panel of made.values()) panel.opened?.();
  });
  return { open, panel: panelOf, get shown() { return shown; }, isOne: (name) => name in makers };
}
