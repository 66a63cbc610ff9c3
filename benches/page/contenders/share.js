// Four sources in four dedicated workers. Each worker has a thread of its own, and unlike tabs none of them is hidden.

const WORKERS = 4;

/** The time for all of them to open, and to find one another, before the server sends the first message. */
const DELAY = 1000;

/** `kind` is what each opens: a name in ../sharer.js. */
export async function share(kind) {
  const workers = Array.from({ length: WORKERS }, () => new Worker('/pkg/bench/sharer.js', { type: 'module' }));
  await Promise.all(workers.map((worker) => answer(worker, { kind })));
  return {
    start({ url, count, finish, fail }) {
      const from = new URL(url, location.href);
      from.searchParams.set('delay', `${DELAY}ms`);
      const read = workers.map((worker) => answer(worker, { url: from.href, count }));
      Promise.all(read).then((times) => {
        const here = (moment) => moment - performance.timeOrigin;
        finish(here(Math.max(...times.map(({ end }) => end))), here(Math.min(...times.map(({ begin }) => begin))));
      }).catch(fail);
      return () => workers.forEach((worker) => worker.postMessage({ close: true }));
    },
  };
}

/** What a worker says next. */
function answer(worker, question) {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.failed === undefined ? resolve(data) : reject(new Error(data.failed)));
    worker.onerror = ({ message }) => reject(new Error(message || 'a worker can\'t be loaded'));
    worker.postMessage(question);
  });
}
