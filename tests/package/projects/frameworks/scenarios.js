// What useEventSource does in every framework.

import { EventSource } from 'eventsource-wasm';

import { assert, connections, other, same, test, token, until } from '/harness.js';

export const stream = (id, query = 'drop=4&end=stall') => `/events?token=${id}&t0=0&data=n&interval=0&${query}`;
export const open = (id) => connections(id, other);
export const closed = (id) => until('its connection is closed', async () => (await open(id)).length === 0);

/** A stream that is answered once; the server tells afterwards how often it was asked for. */
export const counted = (id) => stream(id, 'plan=200:drop=2:end=stall,222,223,224');
export const timesAsked = async (url) => (await fetch(url)).status - 221;

/** Runs `body` with a function that tells how many of the platform's sources were made meanwhile. */
export async function countingSources(body) {
  const Platform = globalThis.EventSource;
  let made = 0;
  globalThis.EventSource = class extends Platform {
    constructor(...given) {
      super(...given);
      made += 1;
    }
  };
  try {
    await body(() => made);
  } finally {
    globalThis.EventSource = Platform;
  }
}

export const datas = (messages) => messages.map(({ data }) => data);

/** A test whose components are unmounted at its end: what is left open would keep others from the server. */
export function testWith(mount, name, body) {
  test(name, async (given) => {
    const views = [];
    const mounted = async (...props) => {
      const view = await mount(...props);
      views.push(view);
      return view;
    };
    try {
      await body(mounted, given);
    } finally {
      for (const view of views) await view.unmount();
    }
  });
}

/**
 * `mount(url, options)` mounts a component that shows `status data`; gives a view: `texts`, all that it has shown; `errors`, what
 * was thrown; `read()`, what the hook has given; `update({ url, enabled, key })` and `unmount()`.
 */
export function scenarios(mount) {
  const scenario = (name, body) => testWith(mount, name, body);

  scenario('data is decoded, of every type; where that fails there is none, and it is reported', async (mounted) => {
    const id = token();
    const reported = [];
    const note = (event) => {
      if (!event.message.includes('four is too many')) return;
      event.preventDefault();
      reported.push(1);
    };
    addEventListener('error', note);
    const view = await mounted(stream(id, 'drop=4&end=stall&event=tick,tock'), {
      transport: 'fetch',
      types: { all: true },
      decode: (text) => {
        if (text === '3') throw new RangeError('four is too many');
        return { n: Number(text) };
      },
    });
    await until('the last message is shown', () => view.read().lastEventId === '0-3');
    removeEventListener('error', note);
    const { data, messages, error } = view.read();
    same([data, error, messages.length, messages[1].data, reported.length > 0], [null, null, 4, { n: 1 }, true]);
  });

  const kinds = { 'without options': {}, 'that reconnects': { reconnect: true }, 'over fetch': { transport: 'fetch' } };
  for (const [kind, options] of Object.entries(kinds)) {
    scenario(`messages are shown as they come, until it is unmounted: a source ${kind}`, async (mounted) => {
      const id = token();
      const view = await mounted(stream(id, 'drop=4&end=stall&event=tick,tock'), { ...options, types: ['tick', 'tock'] });
      same(view.texts[0], 'CONNECTING null');
      await until('the last message is shown', () => view.texts.at(-1) === 'OPEN 3');
      const { data, event, lastEventId, status, error, message, messages, dropped, state, eventSource } = view.read();
      same([data, event, lastEventId, status, error, dropped, state], ['3', 'tock', '0-3', 'OPEN', null, 0, { name: 'open' }]);
      same([datas(messages), message === messages[3]], [['0', '1', '2', '3'], true]);
      assert(eventSource instanceof EventSource && eventSource.constructor === EventSource, 'it is of the class that the package exports');
      same((await open(id)).length, 1);
      await view.unmount();
      await closed(id);
      same(eventSource.readyState, 2);
    });
  }

  scenario('another URL closes one source and opens another, and nothing of the former is shown any more', async (mounted) => {
    const [first, second] = [token(), token()];
    const view = await mounted(`/events?token=${first}&data=n&interval=1ms`);
    await until('some messages are shown', () => view.read().messages.length > 5);
    const { eventSource } = view.read();
    const before = view.texts.length;
    view.update({ url: `/events?token=${second}&data=time&drop=1&end=stall` });
    await until('the other stream\'s message is shown', () => /^OPEN .*\d:\d/.test(view.texts.at(-1)));
    same(view.texts.slice(before).filter((text) => / \d+$/.test(text)), []);
    same([view.read().messages.length, view.read().eventSource === eventSource, eventSource.readyState], [1, false, 2]);
    await closed(first);
  });

  scenario('without a URL there is no source', async (mounted) => {
    const id = token();
    const url = counted(id);
    const view = await mounted(null);
    same([view.texts, view.read().eventSource], [['CLOSED null'], null]);
    view.read().open();
    same(view.read().eventSource, null);
    await view.update({ url });
    await until('the last message is shown', () => view.texts.at(-1) === 'OPEN 1');
    await view.update({ url: '' });
    await until('nothing is shown', () => view.texts.at(-1) === 'CLOSED null');
    await closed(id);
    same(await timesAsked(url), 1);
  });

  scenario('it is open while it is enabled', async (mounted) => {
    const id = token();
    const url = counted(id);
    const view = await mounted(url, { enabled: false });
    same([view.texts, view.read().eventSource], [['CLOSED null'], null]);
    await view.update({ enabled: true });
    await until('the last message is shown', () => view.texts.at(-1) === 'OPEN 1');
    await view.update({ enabled: false });
    await closed(id);
    await until('it is shown that it is closed', () => view.texts.at(-1) === 'CLOSED 1');
    same([view.read().eventSource, datas(view.read().messages)], [null, ['0', '1']]);
    same(await timesAsked(url), 1);
  });

  scenario('close() closes it, and open() opens another one', async (mounted) => {
    const id = token();
    const view = await mounted(stream(id));
    await until('the last message is shown', () => view.texts.at(-1) === 'OPEN 3');
    const { eventSource } = view.read();
    view.read().close();
    await until('it is shown that it is closed', () => view.texts.at(-1) === 'CLOSED 3');
    same([view.read().eventSource, view.read().state], [null, { name: 'closed', reason: 'close', cause: null }]);
    await closed(id);
    view.read().open();
    await until('it has begun anew', () => view.texts.at(-1) === 'OPEN 3');
    assert(view.read().eventSource !== eventSource);
    same([datas(view.read().messages), (await open(id)).length], [['0', '1', '2', '3'], 1]);
  });

  scenario('when it is unmounted open() does nothing', (mounted) => countingSources(async (made) => {
    const id = token();
    const view = await mounted(stream(id));
    await until('the last message is shown', () => view.texts.at(-1) === 'OPEN 3');
    const opens = view.read().open;
    opens();
    same(made(), 2);
    await view.unmount();
    await closed(id);
    opens();
    same(made(), 2);
  }));

  scenario('another key opens another source', async (mounted) => {
    const id = token();
    const view = await mounted(stream(id), { key: 1 });
    await until('the last message is shown', () => view.texts.at(-1) === 'OPEN 3');
    const { eventSource } = view.read();
    await view.update({ key: 2 });
    await until('it is shown again', () => view.texts.at(-1) === 'OPEN 3' && view.read().eventSource !== eventSource);
    same([eventSource.readyState, view.texts.includes('CONNECTING null')], [2, true]);
    await until('one connection is left', async () => (await open(id)).length === 1);
  });

  scenario('it says why it gave up', async (mounted) => {
    const view = await mounted(stream(token(), 'status=404'), { transport: 'fetch', reconnect: true });
    await until('it is closed', () => view.texts.at(-1) === 'CLOSED null');
    const { error, state, eventSource } = view.read();
    same([error.name, error.status, state.name, state.reason, error === state.cause], ['StatusError', 404, 'closed', 'failure', true]);
    same(eventSource.readyState, 2);
  });

  scenario('it says what went wrong until the source is open again', async (mounted) => {
    const seen = [];
    const view = await mounted(stream(token(), 'plan=503,503,200&drop=2&end=stall'), {
      transport: 'fetch',
      reconnect: () => 1,
      onText: ({ error, status, state }) => seen.push(`${status} ${state.name === 'closed'} ${error?.status ?? null}`),
    });
    await until('the last message is shown', () => view.texts.at(-1) === 'OPEN 1');
    const kinds = seen.filter((text, n) => text !== seen[n - 1]);
    same(kinds, ['CONNECTING false null', 'CONNECTING false 503', 'OPEN false null']);
  });

  for (const [kind, options] of Object.entries({ 'the browser\'s own object': {}, fetch: { transport: 'fetch' } })) {
    scenario(`10,000 messages in a burst over ${kind} take few renders, and none is lost`, async (mounted, { note }) => {
      const view = await mounted(stream(token(), 'drop=10000&end=stall'), { ...options, limit: 20_000 });
      await until('all have come', () => view.read().messages.length >= 10_000);
      const { messages, dropped, eventSource } = view.read();
      same([messages.length, messages.findIndex(({ data }, n) => data !== `${n}`), dropped, eventSource.stats.dropped], [10_000, -1, 0, 0]);
      await until('the last one is shown', () => view.texts.at(-1) === 'OPEN 9999');
      note(`${view.texts.length} renders`);
      assert(view.texts.length < 500, `${view.texts.length} renders are too many`);
    });
  }

  scenario('there is one render for each animation frame, at most', async (mounted, { note }) => {
    let frames = 0;
    let counting = true;
    const count = () => {
      frames += 1;
      if (counting) requestAnimationFrame(count);
    };
    count();
    try {
      const view = await mounted(`/events?token=${token()}&t0=0&data=n&interval=0&drop=500&end=stall&chunk-size=40&chunk-delay=1ms`);
      await until('the last message is shown', () => view.texts.at(-1) === 'OPEN 499');
      note(`${view.texts.length} renders in ${frames} frames`);
      // And those for what is no message; or where a frame is so late that it is not waited for.
      assert(view.texts.length <= frames + 10, `${view.texts.length} renders in ${frames} frames`);
    } finally {
      counting = false;
    }
  });

  scenario('the list keeps as many messages as are wanted, by default 100', async (mounted) => {
    const lists = await Promise.all([undefined, 3, 0].map((limit) => mounted(stream(token(), 'drop=5000&end=stall'), { limit })));
    const numbers = Array.from({ length: 5000 }, (_, n) => `${n}`);
    for (const [n, view] of lists.entries()) {
      await until('the last message is there', () => view.read().data === '4999');
      same(datas(view.read().messages), [numbers.slice(-100), numbers.slice(-3), []][n]);
    }
  });

  scenario('invalid URLs and options are thrown', async (mounted) => {
    const views = [await mounted('http://['), await mounted('/events', { limit: -1 }), await mounted('/events', { types: 7 })];
    const messages = [/^SyntaxError/, /^TypeError: useEventSource: limit must be/, /^TypeError: messages: the types must be/];
    for (const [n, expected] of messages.entries()) {
      await until('it is thrown', () => views[n].errors.length > 0);
      assert(expected.test(`${views[n].errors[0]}`), `${views[n].errors[0]}`);
    }
    const id = token();
    const later = await mounted(stream(id));
    await until('the last message is shown', () => later.texts.at(-1) === 'OPEN 3');
    later.update({ url: 'http://[' });
    await until('it is thrown', () => later.errors.length > 0);
    assert(/^SyntaxError/.test(`${later.errors[0]}`), `${later.errors[0]}`);
    await closed(id);
  });

  scenario('what is not enabled is opened by open()', async (mounted) => {
    const view = await mounted(stream(token()), { enabled: false });
    view.read().open();
    await until('the last message is shown', () => view.texts.at(-1) === 'OPEN 3');
    const { eventSource } = view.read();
    await view.update({ enabled: true });
    same([view.read().eventSource === eventSource, eventSource.readyState], [true, 1]);
    await view.update({ enabled: false });
    await until('it is shown that it is closed', () => view.texts.at(-1) === 'CLOSED 3');
  });
}
