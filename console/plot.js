// Draws values over time on a canvas, in the page's colours.

import { element, write } from './dom.js';

const HEIGHT = 72;

/**
 * A plot with a title: `{ node, draw(values, text) }`. Values are numbers, or `null` for none, one for each `width` milliseconds, newest
 * last. `text` describes them in words, and `show` formats a value. With `bars` each value is a bar, otherwise a point of a line.
 * The value under the pointer, or selected with the arrow keys, is shown in place of `text`.
 */
export function makePlot(title, { show, width: duration, bars = false }) {
  const said = element('span', { class: 'said' });
  const canvas = element('canvas', { role: 'img', 'aria-label': title, height: HEIGHT, tabindex: 0 });
  const scale = element('span', { class: 'scale', 'aria-hidden': 'true' });
  const since = element('span');
  const node = element('figure', { class: 'plot' }, element('figcaption', {}, element('span', {}, title), said),
    element('div', { class: 'canvas' }, canvas, scale),
    element('div', { class: 'axis', 'aria-hidden': 'true' }, since, element('span', {}, 'now')));
  let drawn = [];
  /** Which value is selected, counted from the newest; `null` for none. */
  let picked = null;

  const pick = (back) => {
    picked = back === null ? null : Math.min(Math.max(back, 0), Math.max(drawn.length - 1, 0));
    if (picked !== null) write(said, readOut());
  };
  const readOut = () => {
    const value = drawn.at(-1 - picked) ?? null;
    const age = (picked * duration) / 1000;
    return `${value === null ? 'none' : show(value)}, ${age === 0 ? 'now' : `${age} s ago`}`;
  };
  canvas.addEventListener('pointermove', ({ offsetX }) => pick(drawn.length - 1 - Math.floor((offsetX / canvas.clientWidth) * drawn.length)));
  for (const type of ['pointerleave', 'blur']) canvas.addEventListener(type, () => pick(null));
  canvas.addEventListener('keydown', (event) => {
    const by = { ArrowLeft: 1, ArrowRight: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    pick(picked === null ? 0 : picked + by);
    canvas.setAttribute('aria-label', `${title}: ${said.textContent}`);
  });

  return {
    node,
    draw(values, text) {
      drawn = values;
      write(said, picked === null ? text : readOut());
      write(since, `${(values.length * duration) / 1000} s ago`);
      const ratio = devicePixelRatio;
      const width = canvas.clientWidth;
      if (width === 0) return;
      if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
      if (canvas.height !== HEIGHT * ratio) canvas.height = HEIGHT * ratio;
      const style = getComputedStyle(canvas);
      const context = canvas.getContext('2d');
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, width, HEIGHT);
      context.strokeStyle = style.getPropertyValue('--line');
      for (const height of [0.5, HEIGHT / 2, HEIGHT - 0.5]) line(context, 0, height, width, height);
      const most = Math.max(...values.map((value) => value ?? 0));
      write(scale, most === 0 ? '' : show(most));
      const top = most * 1.1 || 1;
      const step = width / values.length;
      const y = (value) => HEIGHT - 1 - (value / top) * (HEIGHT - 4);
      context.fillStyle = style.getPropertyValue('--accent');
      values.forEach((value, at) => {
        if (value === null || value === 0) return;
        if (bars) context.fillRect(at * step, y(value), Math.max(1, step - 0.5), HEIGHT - 1 - y(value));
        else context.fillRect(at * step, y(value) - 1, Math.max(2, step), 2);
      });
      if (picked !== null) {
        context.fillStyle = style.getPropertyValue('--ink');
        context.globalAlpha = 0.35;
        context.fillRect((values.length - 1 - picked) * step, 0, Math.max(1, step), HEIGHT);
        context.globalAlpha = 1;
      }
      if (!bars) join(context, values, step, y, style.getPropertyValue('--accent'));
    },
    /** Describes the plot for assistive technology; called less often than `draw`. */
    tell(text) {
      canvas.setAttribute('aria-label', `${title}: ${text}`);
    },
  };
}

function line(context, x1, y1, x2, y2) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

/** A thin line from value to value. */
function join(context, values, step, y, colour) {
  context.strokeStyle = colour;
  context.globalAlpha = 0.5;
  context.beginPath();
  let isFirst = true;
  values.forEach((value, at) => {
    if (value === null) return;
    if (isFirst) context.moveTo((at + 0.5) * step, y(value));
    else context.lineTo((at + 0.5) * step, y(value));
    isFirst = false;
  });
  context.stroke();
  context.globalAlpha = 1;
}
