/** So many listeners has the port, each of which takes one turn: after each the browser makes a microtask checkpoint. */
const MOST_LISTENERS = 256;

/** For so many milliseconds at most frames and input have to wait. */
const LONGEST = 4;

let channel;
/** How many there are. */
let listeners;
/** Whether the next task is under way. */
let asked = false;
let began = 0;
const takers = [];

/**
 * Calls `take` again and again until it returns false. After each call all microtasks run, as after a listener of an event
 * of the platform's; many calls share a task, as many messages of the platform's do.
 */
export function takeTurns(take) {
  takers.push(take);
  ask();
}

/**
 * Gives a function that calls in a microtask what it is given: once in a task, and what comes after that when the task is
 * over. The platform may dispatch hundreds of messages in a task, with microtasks after each.
 */
export function oncePerTask() {
  let called = false;
  return (call) => {
    if (called) {
      takeTurns(() => {
        call();
        return false;
      });
    } else {
      called = true;
      queueMicrotask(call);
      takeTurns(() => {
        called = false;
        return false;
      });
    }
  };
}

function ask() {
  if (asked) return;
  asked = true;
  channel ??= open();
  // Node ends its program when nothing but a port waits that does not count.
  channel.port1.ref?.();
  channel.port2.postMessage(null);
}

function open() {
  const made = new MessageChannel();
  // Node makes no checkpoint before all listeners have been called.
  const isNode = typeof made.port1.unref === 'function';
  listeners = isNode ? 1 : MOST_LISTENERS;
  for (let n = 0; n < listeners; n += 1) made.port1.addEventListener('message', (event) => turn(event, n));
  made.port1.start();
  return made;
}

function turn(event, n) {
  if (n === 0) {
    asked = false;
    began = performance.now();
  }
  const take = takers[0];
  if (!take()) takers.shift();
  const over = n === listeners - 1 || (n % 8 === 7 && performance.now() - began > LONGEST);
  if (takers.length > 0 && !over) return;
  event.stopImmediatePropagation();
  if (takers.length === 0) {
    // Or one that listens would keep it running.
    channel.port1.unref?.();
    return;
  }
  // Another source has the next task.
  takers.push(takers.shift());
  ask();
}
