// One of those who share, in a tab of its own: tells a page that watches (watcher.js) how it is doing, so that nobody has to
// visit the tab, which would show it.

import { got, source, states } from './sharer.js';

const name = new URLSearchParams(location.search).get('tab');
/** Which of the pages this is that the tab has had. */
const life = { id: Math.random().toString(36).slice(2), born: Date.now() };
let channel;
let told = 0;
let led = 0;
let leads = false;
let blocked = 0;
/** What does not have the number that follows the one before, and how much has been looked at. */
const wrong = [];
let looked = 1;

function join() {
  channel = new BroadcastChannel('tabs');
  channel.onmessage = ({ data: { block: whom, milliseconds } }) => {
    if (whom !== name) return;
    // As a page that computes, or hangs.
    for (const end = performance.now() + milliseconds; performance.now() < end;);
    blocked += 1;
    tell();
  };
  tell();
}

function look() {
  for (; looked < got.length; looked += 1) {
    if (Number(got[looked]) !== Number(got[looked - 1]) + 1) wrong.push(`${got[looked - 1]} → ${got[looked]}`);
  }
  const { shared } = source.state;
  if (shared === 'leader' && !leads) led += 1;
  leads = shared === 'leader';
}

function tell() {
  look();
  told = performance.now();
  const { state: { name: state, shared, reason }, stats: { dropped } } = source;
  const last = got.length === 0 ? -1 : Number(got[got.length - 1]);
  const cause = states[states.length - 1]?.cause;
  channel?.postMessage({
    ...life, name, state, shared, reason, cause, led, blocked, dropped, wrong: wrong.slice(0, 5),
    first: Number(got[0] ?? -1), last, count: got.length, hidden: document.hidden,
  });
}

source.addEventListener('statechange', tell);
source.addEventListener('message', () => {
  const { shared } = source.state;
  if ((shared === 'leader') !== leads || performance.now() - told > 200) tell();
});
document.addEventListener('visibilitychange', tell);
setInterval(tell, 500);

// With an open channel some browsers don't keep a page for when the user comes back.
addEventListener('pagehide', () => {
  tell();
  channel.close();
  channel = undefined;
});
addEventListener('pageshow', ({ persisted }) => {
  if (!persisted) return;
  life.cached = true;
  join();
});

join();
