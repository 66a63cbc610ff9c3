// What somebody writes by hand who knows about frames: one change of the document in each, the newest lines only, and
// none that would be gone before it is seen.

const KEPT = 1000;

export default async () => ({
  lists: true,
  keeps: KEPT,
  start({ url, list }) {
    const source = new EventSource(url);
    let waiting = [];
    let requested = false;

    function show() {
      requested = false;
      const fragment = document.createDocumentFragment();
      for (const data of waiting.slice(-KEPT)) {
        const line = document.createElement('li');
        line.textContent = 'message: ' + data;
        fragment.appendChild(line);
      }
      waiting = [];
      list.appendChild(fragment);
      while (list.childElementCount > KEPT) list.firstElementChild.remove();
    }

    source.onmessage = (event) => {
      waiting.push(event.data);
      if (!requested) {
        requested = true;
        requestAnimationFrame(show);
      }
    };
    return () => source.close();
  },
});
