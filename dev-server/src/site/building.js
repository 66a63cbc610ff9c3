// Shows the output of the first build until there is a page; reload.js then loads that.

const MAX_LINES = 500;
const list = document.querySelector("#lines");
const bar = document.querySelector("#progress");
const text = document.querySelector("#progress-text");
let build;

function show(news) {
  // A new build, or a restarted server, starts with a new list.
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
  text.textContent = news.done < news.total ? `${news.done} of ${news.total} crates compiled` : "Creating the package";
}

function open() {
  const source = new EventSource("/dev-server/build");
  source.onmessage = ({ data }) => show(JSON.parse(data));
  source.onerror = () => {
    build = undefined;
    // Firefox stops reconnecting when the server refuses connections, as it does while it restarts.
    if (source.readyState === EventSource.CLOSED) setTimeout(open, 1000);
  };
}

open();
