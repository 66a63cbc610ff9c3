// What is closed is gone: from WebAssembly's memory, from its table of JavaScript values, and from JavaScript.

import init, { EventSource, listMessages } from '../eventsource_wasm.js';

import { assert, collect, here, pause, same, script, test, until } from './harness.js';

const { memory, __wbindgen_externrefs: table } = await init();

/** The sizes of wasm's memory, in bytes, and of its table. */
const footprint = () => [memory.buffer.byteLength, table.length];

const long = 3_600_000;
const full = {
  reconnect: { maxDelay: 1000 },
  urlProvider: async () => '/events',
  openTimeout: long,
  heartbeatEvent: 'heartbeat',
  idleTimeout: long,
  pauseWhenHidden: long,
  suppressDuplicates: 100,
  resumeAfterReload: true,
};

async function churn(count) {
  for (let n = 0; n < count; n += 1) {
    const source = new EventSource('/events', n % 2 === 0 ? undefined : { ...full, signal: new AbortController().signal });
    source.onmessage = source.onerror = () => {};
    source.addEventListener(`type ${n % 10}`, () => {});
    source.messages('message').next();
    // Most never open; some see a message.
    if (n % 100 === 0) await new Promise((resolve) => { source.addEventListener('message', resolve); });
    if (n % 3 === 0) source.reconnect();
    source.close();
    if (n % 50 === 0) await pause(0);
  }
  await pause(0);
}

test('10,000 sources leave nothing behind in WebAssembly', async ({ note }) => {
  await churn(2000);
  await churn(3000);
  const before = footprint();
  await churn(5000);
  note(`${before[0]} bytes, ${before[1]} places in the table`);
  same(footprint(), before);
}, 240_000);

// The lines of a closed list can still be cleared, so that it goes when nobody holds it.
test('closed lists that nobody holds leave nothing behind', async () => {
  const lists = async () => {
    for (let n = 0; n < 100; n += 1) {
      const list = listMessages(document.createElement('ul'), '/events');
      if (n % 2 === 0) list.pause();
      list.close();
    }
    await pause(50);
    for (let n = 0; n < 3; n += 1) await collect();
  };
  for (let n = 0; n < 5; n += 1) await lists();
  const before = footprint();
  for (let n = 0; n < 10; n += 1) await lists();
  same(footprint(), before);
});

test('sources over fetch whose iterators were full leave nothing behind', async () => {
  const address = `${here}/events?interval=0&count=5`;
  const references = [];
  const round = async () => {
    const sources = Array.from({ length: 20 }, () => new EventSource(address, { transport: 'fetch' }));
    for (const source of sources) {
      source.messages('message', { capacity: 1 });
      references.push(new WeakRef(source));
    }
    await until('all are full', () => sources.every((source) => source.stats.messages === 1));
    for (const source of sources) source.close();
  };
  for (let n = 0; n < 5; n += 1) await round();
  await collect();
  const before = footprint();
  for (let n = 0; n < 10; n += 1) await round();
  same(footprint(), before);
  await until('they are collected', async () => {
    await collect();
    return references.filter((reference) => reference.deref() !== undefined).length <= 2;
  });
});

test('sources are collected although the signal of a listener lives', async () => {
  const { signal } = new AbortController();
  const references = [];
  for (let n = 0; n < 10; n += 1) {
    const source = new EventSource(`${here}/events?interval=1s`, { transport: 'fetch', signal });
    source.onAny(() => source, { signal });
    references.push(new WeakRef(source));
    source.close();
  }
  await until('they are collected', async () => {
    await collect();
    return references.filter((reference) => reference.deref() !== undefined).length <= 2;
  });
});

test('sources over fetch that have ended by themselves, and are held, leave nothing behind in WebAssembly', async () => {
  const held = [];
  const round = async (count) => {
    for (let n = 0; n < count; n += 1) {
      const source = new EventSource(`${here}/events?interval=0&count=300`, { transport: 'fetch', method: 'POST', headers: { 'X-Large': 'x'.repeat(6000) } });
      source.onmessage = () => {};
      held.push(source);
      await until('it is over', () => source.state.reason === 'complete');
      same(source.stats.messages, 300);
    }
  };
  await round(20);
  const [before] = footprint();
  await round(80);
  same(footprint()[0], before);
});

test('closed sources that nobody holds are collected', async () => {
  const address = `${here}/events?interval=1h`;
  const held = new AbortController();
  const references = Array.from({ length: 100 }, () => {
    const source = new EventSource(address, { signal: held.signal });
    source.onmessage = () => source.url;
    source.messages();
    source.close();
    return new WeakRef(source);
  });
  await until('they are collected', async () => {
    await collect();
    // The engine may take a stray number on its stack for one of them.
    return references.filter((reference) => reference.deref() !== undefined).length <= 2;
  });
  held.abort();
});

for (const [kind, options] of [['without options', undefined], ['with options', { reconnect: true }], ['over fetch', { transport: 'fetch' }]]) {
  test(`1,000 components that come and go leave nothing behind, ${kind}`, async () => {
    const mount = (seen) => {
      const element = document.body.appendChild(document.createElement('ul'));
      const source = new EventSource(`${here}/events?interval=1h`, options);
      source.addEventListener('statechange', ({ detail }) => element.setAttribute('state', detail.name));
      source.onmessage = ({ data }) => element.append(data);
      (async () => { for await (const { data } of source.messages('tick')) element.append(data); })();
      const list = listMessages(element, source);
      seen.push(new WeakRef(source), new WeakRef(element), new WeakRef(list));
      return () => {
        list.close();
        source.close();
        element.remove();
      };
    };
    const mounts = async (count) => {
      const seen = [];
      for (let n = 0; n < count; n += 1) {
        const unmount = mount(seen);
        // Some are gone before they are connected, some when a message has just come.
        if (n % 10 === 0) await pause(0);
        unmount();
      }
      await until('they are collected', async () => {
        await collect();
        return seen.filter((reference) => reference.deref() !== undefined).length <= 6;
      });
    };
    await mounts(200);
    await mounts(200);
    const [before] = footprint();
    for (let n = 0; n < 5; n += 1) await mounts(200);
    const [after] = footprint();
    // How much is in use at a time depends on when the engine calls what frees it; 150 bytes of each would be more.
    assert(after - before <= 2 * 65_536, `${before} bytes became ${after}`);
  }, 120_000);
}

test('an open source that nobody holds lives on', async () => {
  let heard = 0;
  const controller = new AbortController();
  (() => {
    new EventSource('/events?interval=20ms', { signal: controller.signal }).onmessage = () => { heard += 1; };
  })();
  for (let n = 0; n < 10; n += 1) await collect();
  const before = heard;
  await until('it goes on', () => heard > before + 3);
  controller.abort();
  const last = heard;
  await pause(60);
  same(heard, last);
});

test('a list that nobody holds goes on, and so does its source', async () => {
  const ul = document.body.appendChild(document.createElement('ul'));
  const address = await script(Array.from({ length: 20 }, (_, n) => [`data: ${n}\n\n`, { pause: '30ms' }]).flat());
  listMessages(ul, address);
  for (let n = 0; n < 5; n += 1) await collect();
  await until('all is shown', () => ul.children.length === 20);
  assert(ul.lastChild.textContent === 'message: 19');
});
