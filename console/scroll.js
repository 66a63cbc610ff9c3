// Keeps a growing list scrolled to its end, unless the reader has scrolled up.

/** Follows the end of `list`; `newest` is the button that scrolls back there. */
export function followEnd(list, newest) {
  let atEnd = true;
  let place = 0;

  /** Only scrolling up stops following: growing lines and a shrinking list also move the end, without any scrolling. */
  const look = () => {
    if (list.scrollHeight - list.scrollTop - list.clientHeight < 8) atEnd = true;
    else if (list.scrollTop < place) atEnd = false;
    place = list.scrollTop;
    newest.hidden = atEnd;
  };
  const toEnd = () => {
    list.scrollTop = list.scrollHeight;
    look();
  };

  newest.addEventListener('click', () => {
    toEnd();
    list.focus({ preventScroll: true });
  });
  list.addEventListener('scroll', look, { passive: true });
  // A notice or an on-screen keyboard makes the list smaller, which would leave it scrolled to just above its end.
  const resized = new ResizeObserver(() => (atEnd ? toEnd() : look()));
  resized.observe(list);
  return { look, toEnd, get atEnd() { return atEnd; }, close: () => resized.disconnect() };
}
