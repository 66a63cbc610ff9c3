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

/** Waits until the frame that is being made is done: a list may change in it, too, after this page's own callback. */
function frameDone() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/**
 * Resolves after the frame that shows the message `count - 1` as the list's last line. After each frame it tells `note`
 * the newest line, and how many messages have come since the line before; what a list has left out was handled too.
 */
export async function watchList(list, count, note) {
  let newest = -1;
  while (newest < count - 1) {
    await nextFrame();
    await frameDone();
    const line = list.lastElementChild?.firstChild;
    if (!line) continue;
    // A node's text is asked for: that of an element is put together anew each time, and may be 1 MiB long.
    const data = line.data.slice('message: '.length, 80);
    const { n } = position(data);
    if (n === newest) continue;
    note(data, n - newest);
    newest = n;
  }
}
