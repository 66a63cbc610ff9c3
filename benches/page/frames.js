// What happens from frame to frame.

import { position } from './messages.js';

const PERIOD = 1000 / 60;

export const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

/** Watches how regularly frames come, until `stop`. */
export function frames() {
  let last = performance.now();
  let running = true;
  const result = { framesDropped: 0, longestGap: 0 };
  const frame = () => {
    if (!running) return;
    const now = performance.now();
    const gap = now - last;
    last = now;
    result.framesDropped += Math.max(0, Math.round(gap / PERIOD) - 1);
    result.longestGap = Math.max(result.longestGap, gap);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  return {
    stop() {
      running = false;
      return result;
    },
  };
}

/**
 * Resolves in the frame in which the message `count - 1` is the list's last line. Once per frame it tells `note` the
 * newest line, and how many messages have come since the line before; what a list has left out was handled too.
 */
export async function watchList(list, count, note) {
  let newest = -1;
  while (newest < count - 1) {
    await nextFrame();
    const line = list.lastElementChild?.firstChild;
    if (!line) continue;
    // A node's text is asked for: that of its element would be put together anew, for 1 MiB a line.
    const data = line.data.slice('message: '.length, 80);
    const { n } = position(data);
    if (n === newest) continue;
    note(data, n - newest);
    newest = n;
  }
}
