/** Reports what was thrown where nobody catches it, as the platform does; Node has no `reportError`. */
export function report(thrown) {
  if (typeof reportError === 'function') reportError(thrown);
  else queueMicrotask(() => { throw thrown; });
}
