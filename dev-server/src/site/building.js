// Shows what the first build says, until there is a page. What reloads it then is reload.js.

const MAX_LINES = 500;
const list = document.querySelector("#lines");
const bar = document.querySelector("#progress");
const text = document.querySelector("#progress-text");
let build;

function show(news) {
  // Of another build, or of another server, all is new.
  if (news.build !== build) list.replaceChildren();
  build = news.build;
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 8;
  for (const line of news.lines) {
    const item = document.createElement("li");
    item.textContent = line;
    list.append(item);
  }
  while (list.childElementCount > MAX_LINES) list.firstElementChild.remove();
  if (atEnd) list.scrollTop = list.scrollHeight;
  if (news.total === 0) {
    bar.removeAttribute("value");
    return;
  }
  bar.max = news.total;
  bar.value = news.done;
  text.textContent = news.done < news.total ? `${news.done} of ${news.total} parts compiled` : "Making the package";
}

function open() {
  const source = new EventSource("/dev-server/build");
  source.onmessage = ({ data }) => show(JSON.parse(data));
  source.onerror = () => {
    build = undefined;
    // Firefox gives up when the server is away, as it is while it restarts.
    if (source.readyState === EventSource.CLOSED) setTimeout(open, 1000);
  };
}

open();
