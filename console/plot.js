// Draws values over time on a canvas, in the page's colours.

import { element, write } from './dom.js';

const HEIGHT = 72;

/**
 * A plot with a title: `{ node, draw(values, text) }`. Values are numbers, or `null` for none, the newest last; `text` says in words
 * what is seen. With `bars` each value is a bar, else a point of a line.
 */
export function makePlot(title, bars = false) {
  const said = element('span', { class: 'said' });
  const canvas = element('canvas', { role: 'img', 'aria-label': title, height: HEIGHT });
  const node = element('figure', { class: 'plot' }, element('figcaption', {}, element('span', {}, title), said), canvas);

  return {
    node,
    draw(values, text) {
      write(said, text);
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
      const top = Math.max(...values.map((value) => value ?? 0)) * 1.1 || 1;
      const step = width / values.length;
      const y = (value) => HEIGHT - 1 - (value / top) * (HEIGHT - 4);
      context.fillStyle = style.getPropertyValue('--accent');
      values.forEach((value, at) => {
        if (value === null || value === 0) return;
        if (bars) context.fillRect(at * step, y(value), Math.max(1, step - 0.5), HEIGHT - 1 - y(value));
        else context.fillRect(at * step, y(value) - 1, Math.max(2, step), 2);
      });
      if (!bars) join(context, values, step, y, style.getPropertyValue('--accent'));
    },
    /** What is said to those who don't see it; not each time it is drawn. */
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
