// The option `share`: sources in frames and workers of an origin have one connection.

import init, { EventSource } from '../eventsource_wasm.js';
import { assert, connections, here, pause, rejection, same, test, thrown, token, until } from './harness.js';

await init();

/** A stream of its own, with a number in each message. */
const stream = (more = 'interval=20ms') => `${here}/events?data=n&token=${token()}&${more}`;

/** One who shares, in a frame. */
async function frame(url, options = {}, types = 'message') {
  const element = document.createElement('iframe');
  element.src = `./sharer.html?${new URLSearchParams({ url, options: JSON.stringify(options), types })}`;
  document.body.append(element);
  await until('the frame has loaded', () => element.contentWindow.sharer !== undefined);
  const { sharer } = element.contentWindow;
  return { ...sharer, get part() { return sharer.source.state.shared; }, remove: () => element.remove() };
}

test('sources in frames of an origin have one connection', async () => {
  const url = stream();
  const [one, two] = [await frame(url), await frame(url)];
  await until('both have messages', () => one.got.length > 5 && two.got.length > 5);
  same([one.part, two.part], ['leader', 'follower']);
  const mark = new URL(url).searchParams.get('token');
  same((await connections(mark)).length, 1);
  same(two.got, one.got.slice(one.got.indexOf(two.got[0]), one.got.indexOf(two.got[0]) + two.got.length));
  one.remove();
  two.remove();
});
