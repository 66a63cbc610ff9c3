// Keeps a reader at the end of a list that grows, and leaves one who has scrolled up in peace.

/** Follows the end of `list`; `newest` is the button that leads back there. */
export function followEnd(list, newest) {
  let atEnd = true;
  let place = 0;

  /** Only going up leaves the end: growing lines and a shrinking list move it away from a reader who did nothing. */
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
  // A notice or a keyboard on the screen takes room from the list, and would leave a reader at its end just above it.
  const resized = new ResizeObserver(() => (atEnd ? toEnd() : look()));
  resized.observe(list);
  return { look, toEnd, get atEnd() { return atEnd; }, close: () => resized.disconnect() };
}
