// The class in the platform's place, as a polyfill is used; fakes in it; and values of other realms.

import init, { EventSource, listMessages } from '../eventsource_wasm.js';

import { assert, here, next, pause, same, script, test, until } from './harness.js';

const Platform = globalThis.EventSource;
const stream = `${here}/events?t0=0&data=n&interval=0&count=3`;

/** With another class in the platform's place while `body` runs. */
async function inItsPlace(Class, body) {
  await init();
  globalThis.EventSource = Class;
  try {
    await body();
  } finally {
    globalThis.EventSource = Platform;
  }
}

async function heard(source) {
  const seen = [];
  source.onmessage = ({ data }) => seen.push(data);
  await until('three messages are there', () => seen.length >= 3);
  source.close();
  return seen.slice(0, 3);
}

class WithDefaults extends EventSource {
  constructor(url, options) {
    super(url, { reconnect: true, suppressDuplicates: 10, ...options });
  }
}

class OverFetch extends EventSource {
  constructor(url, options) {
    super(url, { transport: 'fetch', ...options });
  }
}

for (const [name, Class] of Object.entries({ 'the class': EventSource, 'a subclass with defaults': WithDefaults, 'a subclass over fetch': OverFetch })) {
  test(`${name} in the platform's place is not made of itself`, () => inItsPlace(Class, async () => {
    for (let n = 0; n < 3; n += 1) {
      const source = new globalThis.EventSource(stream);
      assert(source instanceof EventSource && source instanceof Class);
      same(await heard(source), ['0', '1', '2']);
    }
    same(await heard(new EventSource(stream, { reconnect: true })), ['0', '1', '2']);
    same(await heard(new EventSource(stream, { transport: 'fetch' })), ['0', '1', '2']);
  }));
}

/** As a test of a page makes one. */
class Fake extends EventTarget {
  static made = [];
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSED = 2;
  readyState = 0;

  constructor(url, { withCredentials = false } = {}) {
    super();
    Object.assign(this, { url: String(url), withCredentials });
    Fake.made.push(this);
  }

  close() {
    this.readyState = 2;
  }

  say(type, data) {
    if (type === 'open') this.readyState = 1;
    this.dispatchEvent(data === undefined ? new Event(type) : new MessageEvent(type, { data, lastEventId: 'f', origin: here }));
  }
}

test('a fake that is put in the platform\'s place later is used', () => inItsPlace(Fake, async () => {
  for (const options of [undefined, { reconnect: true }]) {
    const source = new EventSource('/fake', options);
    const fake = Fake.made.at(-1);
    same([new URL(fake.url, here).href, source.url, source.readyState], [`${here}/fake`, `${here}/fake`, 0]);
    const seen = [];
    source.onopen = () => seen.push(`open ${source.readyState}`);
    source.addEventListener('tick', ({ data, lastEventId, target }) => seen.push(`${data} ${lastEventId} ${target === source}`));
    fake.say('open');
    fake.say('tick', 'one');
    fake.say('message', 'unheard');
    fake.say('tick', 'two');
    same(seen, ['open 1', 'one f true', 'two f true']);
    source.close();
    fake.say('tick', 'late');
    same([seen.length, fake.readyState, source.readyState], [3, 2, 2]);
  }
}));

/** The window of an empty frame. */
async function otherRealm() {
  const frame = document.createElement('iframe');
  document.body.append(frame);
  await pause(0);
  return { realm: frame.contentWindow, remove: () => frame.remove() };
}

test('values of another realm are taken for what they can do', async () => {
  await init();
  const { realm, remove } = await otherRealm();
  const controller = new realm.AbortController();
  const source = new EventSource(stream, { signal: controller.signal });
  await next(source, 'open');
  controller.abort();
  same([source.readyState, source.state.reason], [2, 'abort']);
  const list = realm.document.createElement('ul');
  realm.document.body.append(list);
  const shown = listMessages(list, stream);
  await until('the frame shows them', () => list.childElementCount >= 3);
  shown.close();
  remove();
});

/** With another `fetch` while `body` runs. */
async function withFetch(fake, body) {
  const { fetch } = globalThis;
  globalThis.fetch = fake;
  try {
    await body();
  } finally {
    globalThis.fetch = fetch;
  }
}

test('bytes of another realm are bytes', async () => {
  await init();
  const { realm, remove } = await otherRealm();
  const bytes = new realm.Uint8Array(new realm.TextEncoder().encode('....data: a\n\n').buffer, 4);
  const body = () => new ReadableStream({ start: (controller) => controller.enqueue(bytes) });
  const answer = () => ({ status: 200, ok: true, url: `${here}/x`, type: 'basic', headers: new Headers({ 'content-type': 'text/event-stream' }), body: body() });
  await withFetch(async () => answer(), async () => {
    const source = new EventSource('/x', { transport: 'fetch' });
    same((await next(source, 'message')).data, 'a');
    source.close();
  });
  remove();
});

test('a fetch that gives no response is a lost connection', async () => {
  await init();
  for (const nothing of [() => undefined, async () => undefined, async () => 'x', () => { throw new TypeError('no'); }]) {
    await withFetch(nothing, async () => {
      const source = new EventSource(stream, { transport: 'fetch' });
      const { detail } = await next(source, 'statechange');
      same([detail.name, detail.cause.name], ['waiting', 'DisconnectedError']);
      source.close();
    });
  }
});

test('a class that was derived from the platform\'s before this was loaded is made use of', async () => {
  const frame = document.createElement('iframe');
  frame.srcdoc = `<!doctype html><script>
    globalThis.EventSource = class Mine extends EventSource {
      constructor(...given) {
        super(...given);
        this.heard = [];
        for (const type of ['open', 'message']) this.addEventListener(type, () => this.heard.push(type));
        (globalThis.made ??= []).push(this);
      }
    };
    </script><script type="module">
    import { EventSource } from '/pkg/eventsource_wasm.js';
    const source = new EventSource('/events?interval=5ms');
    const seen = [];
    source.addEventListener('statechange', ({ detail }) => seen.push(detail.name));
    source.onmessage = ({ type }) => { source.close(); parent.postMessage({ seen, type, heard: made[0].heard, own: source instanceof made[0].constructor, url: source.url }); };
    onerror = (text) => parent.postMessage(text);
    </script>`;
  const told = new Promise((resolve) => { addEventListener('message', ({ data }) => resolve(data), { once: true }); });
  document.body.append(frame);
  same(await told, { seen: ['open', 'closed'], type: 'message', heard: ['open', 'message'], own: true, url: `${here}/events?interval=5ms` });
  frame.remove();
});
