// What the constructor takes, and how it refuses.

import init, { EventSource, listMessages } from '../eventsource_wasm.js';

import { assert, here, next, pause, same, script, test, thrown, token, until } from './harness.js';

await init();

const URL_ = '/events';

/** Members, and what their error has to say. */
const refused = [
  [7, 'options must be an object, such as { withCredentials: true }, not 7'],
  [{ transport: 'xhr' }, 'transport must be \'native\' or \'fetch\', not "xhr"'],
  [{ signal: {} }, 'signal must be an AbortSignal, such as controller.signal, not {}'],
  [{ reconnect: 5 }, 'reconnect must be true, an object such as { maxDelay: 10000 }'],
  [{ reconnect: { maxDelay: -1 } }, 'reconnect: maxDelay must be a number of milliseconds from 0, such as 5000, not -1'],
  [{ reconnect: { minDelay: NaN } }, 'reconnect: minDelay must be a number of milliseconds from 0, such as 5000, not NaN'],
  [{ reconnect: { maxAttempts: 1.5 } }, 'maxAttempts must be a whole number from 0'],
  [{ urlProvider: '/events' }, 'urlProvider must be a function'],
  [{ openTimeout: '5s' }, 'openTimeout must be a number of milliseconds from 0, such as 5000, not "5s"'],
  [{ openTimeout: Infinity }, 'not Infinity'],
  [{ pauseWhenHidden: true }, 'pauseWhenHidden must be a number of milliseconds'],
  [{ idleTimeout: 1000 }, 'idleTimeout needs heartbeatEvent'],
  [{ suppressDuplicates: 0 }, 'suppressDuplicates must be a whole number from 1, such as 1000, not 0'],
  [{ resumeAfterReload: 1 }, 'resumeAfterReload must be true, false or a name, such as \'news\', not 1'],
  [{ resumeAfterReload: '' }, 'resumeAfterReload must be true, false or a name, such as \'news\', not ""'],
  [{ probe: 'yes' }, 'probe must be true or false, not "yes"'],
  [{ transport: 'fetch', mode: 'no-cors' }, 'mode must be \'cors\' or \'same-origin\', not "no-cors"'],
  [{ transport: 'fetch', maxMessageSize: 0 }, 'maxMessageSize must be a whole number from 1'],
  [{ credentials: 'all' }, 'credentials must be \'omit\', \'same-origin\' or \'include\', not "all"'],
  [{ resend: 1 }, 'resend must be true, false or \'before-open\', not 1'],
  ...Object.entries({
    method: 'POST',
    headers: { authorization: 'x' },
    body: '{}',
    credentials: 'include',
    mode: 'cors',
    cache: 'no-store',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
    resend: true,
    maxMessageSize: 1000,
  }).map(([name, value]) => [{ [name]: value }, `${name} needs transport: 'fetch'`]),
];

test('a wrong value is a TypeError that names it and the cure', async () => {
  for (const [options, text] of refused) {
    const error = thrown(() => new EventSource(URL_, options));
    assert(error instanceof TypeError, `${JSON.stringify(options)}: ${error}`);
    assert(error.message.startsWith('EventSource: '), error.message);
    assert(error.message.includes(text), `${JSON.stringify(options)}: ${error.message}`);
  }
});

test('what a getter or toString throws comes out', async () => {
  const throwing = { toString() { throw new RangeError('mine'); } };
  for (const options of [{ get reconnect() { throw new RangeError('mine'); } }, { lastEventId: throwing }, { heartbeatEvent: throwing }]) {
    same(thrown(() => new EventSource(URL_, options)).message, 'mine');
  }
  same(thrown(() => new EventSource(URL_, { headers: { 'not a name': 'x' } })).constructor.name, 'TypeError');
  same(thrown(() => new EventSource(URL_, { gapEvent: Symbol('x') })).constructor.name, 'TypeError');
});

test('an unknown name is warned of, once, with a suggestion, and ignored', async () => {
  const warnings = [];
  const { warn } = console;
  console.warn = (text) => warnings.push(text);
  try {
    new EventSource(URL_, { withCredential: true, header: 1, Reconnect: true, completelyElse: 1 }).close();
    new EventSource(URL_, { reconnect: { maxdelay: 1 } }).close();
    listMessages(document.createElement('ul'), URL_, { maxLine: 5, withCredentials: true }).close();
  } finally {
    console.warn = warn;
  }
  same(warnings, [
    'EventSource: there is no option "withCredential"; did you mean "withCredentials"?; it is ignored',
    'EventSource: there is no option "header"; did you mean "headers"?; it is ignored',
    'EventSource: there is no option "Reconnect"; did you mean "reconnect"?; it is ignored',
    'EventSource: there is no option "completelyElse"; it is ignored',
    'EventSource: reconnect: there is no option "maxdelay"; did you mean "maxDelay"?; it is ignored',
    'listMessages: there is no option "maxLine"; did you mean "maxLines"?; it is ignored',
  ]);
});

test('everything at once is taken', async () => {
  const source = new EventSource(await script(['data: 1\n\n', { end: 'stall' }]), {
    withCredentials: false,
    transport: 'native',
    signal: new AbortController().signal,
    reconnect: { minDelay: 0, maxDelay: 1e300, maxAttempts: 0, stablePeriod: 1e12 },
    lastEventId: 5,
    lastEventIdParam: null,
    resumeAfterReload: true,
    suppressDuplicates: 10,
    gapEvent: null,
    openTimeout: 1e300,
    idleTimeout: 1e12,
    heartbeatEvent: 'heartbeat',
    pauseWhenHidden: 0.5,
    probe: false,
    method: undefined,
  });
  same(source.lastEventId, '5');
  same((await next(source, 'message')).data, '1');
  source.close();
});

test('reconnect goes on after 503, with the id in the URL', async () => {
  const plan = `token=${token()}&plan=503,200:drop=1:end=abort,503,200:drop=1,204`;
  const source = new EventSource(`${here}/events?t0=0&data=n&interval=0&retry=1&${plan}`, { reconnect: { minDelay: 1, maxDelay: 10, maxAttempts: 3 } });
  const seen = [];
  source.onopen = () => seen.push('open');
  source.onmessage = ({ data }) => seen.push(data);
  source.onerror = () => seen.push(`error ${source.readyState}`);
  await until('it is closed', () => source.readyState === 2);
  same(seen.slice(0, 4), ['error 0', 'open', '0', 'error 0']);
  same(seen.filter((text) => /^\d/.test(text)), ['0', '1']);
  same(seen.at(-1), 'error 2');
});

test('a function decides on each wait', async () => {
  const asked = [];
  const source = new EventSource(`${here}/events?status=500`, {
    reconnect(context) {
      asked.push(context);
      return context.failureStreak < 3 ? 1 : null;
    },
  });
  await until('it gives up', () => source.readyState === 2);
  same(asked.map(({ failureStreak, connectedFor, serverRetry }) => [failureStreak, connectedFor, serverRetry]), [[1, null, null], [2, null, null], [3, null, null]]);
  same(asked[0].cause.name, 'ConnectionFailedError');
  assert(asked.every(({ random }) => random >= 0 && random < 1));
});

test('a function that fails is reported, and gives up', async () => {
  for (const reconnect of [() => { throw new Error('mine'); }, () => -1, () => 'soon']) {
    const reported = new Promise((resolve) => {
      addEventListener('error', (event) => {
        event.preventDefault();
        resolve(event.error);
      }, { once: true });
    });
    const source = new EventSource(`${here}/events?status=500`, { reconnect });
    assert(/mine|milliseconds from 0, or null/.test((await reported).message));
    await until('it gives up', () => source.readyState === 2);
    same(source.state.cause.name, 'ConnectionFailedError');
  }
});

test('a policy and a provider may close the source', async () => {
  const one = new EventSource(`${here}/events?status=500`, { reconnect() { one.close(); return 0; } });
  await until('it is closed', () => one.readyState === 2);
  let asked = 0;
  const two = new EventSource('/events', {
    reconnect: true,
    urlProvider() {
      asked += 1;
      if (asked === 2) two.close();
      return '/events';
    },
  });
  await next(two, 'open');
  two.reconnect();
  await until('it is closed', () => two.readyState === 2);
  await pause(20);
  same(asked, 2);
});

test('a provider is asked for each address, whatever it gives', async () => {
  const address = await script(['data: 1\n\n', { end: 'stall' }]);
  const answers = [() => { throw new Error('no ticket'); }, () => 'http://[', async () => new URL(address)];
  const source = new EventSource('/events', { urlProvider: () => answers.shift()(), reconnect: () => 0 });
  const causes = [];
  source.addEventListener('statechange', ({ detail }) => { if (detail.name === 'waiting') causes.push(detail.cause); });
  same((await next(source, 'message')).data, '1');
  same(source.url, `${here}/events`);
  same(causes.map(({ name }) => name), ['UrlProviderError', 'UrlProviderError']);
  assert(causes[0].message.includes('no ticket') && causes[1].message.includes('http://['), causes.join());
  source.close();
});

test('a silent connection is noticed', async () => {
  const source = new EventSource(`${here}/events?interval=1h`, { idleTimeout: 200, heartbeatEvent: 'heartbeat' });
  await until('it gives up', () => source.readyState === 2);
  same(source.state.cause.name, 'IdleTimeoutError');
});

test('an attempt that hangs is given up', async () => {
  const source = new EventSource(`${here}/events?delay-headers=1h`, { openTimeout: 100 });
  await until('it gives up', () => source.readyState === 2);
  same(source.state.cause.name, 'OpenTimeoutError');
});

test('lastEventId goes where lastEventIdParam says', async () => {
  for (const [options, part] of [[{}, 'lastEventId=0-1'], [{ lastEventIdParam: 'after' }, 'after=0-1'], [{ lastEventIdParam: null }, '']]) {
    const source = new EventSource(`${here}/echo?t0=0`, { lastEventId: '0-1', ...options });
    if (options.lastEventIdParam === 'after') {
      // The server refuses a parameter that it does not know.
      await next(source, 'error');
      same(source.readyState, 2);
    } else {
      const { url } = JSON.parse((await next(source, 'message')).data);
      same(url.includes('lastEventId=0-1'), part !== '', url);
    }
    source.close();
  }
});

test('duplicates are suppressed', async () => {
  const source = new EventSource(`${here}/events?t0=0&data=n&interval=0&id=position&retry=60000&drop=3`, { suppressDuplicates: 100, lastEventIdParam: null });
  const seen = [];
  source.onmessage = ({ data }) => seen.push(data);
  await until('three have come', () => seen.length === 3 && source.state.name === 'waiting');
  source.reconnect();
  await until('they have come again', () => source.stats.duplicates === 3);
  same(seen, ['0', '1', '2']);
  source.close();
});

/** A source of five messages with the ids 1 to 5, all of which have arrived. */
async function five(options) {
  const source = new EventSource(await script([[1, 2, 3, 4, 5].map((n) => `id: ${n}\ndata: ${n}\n\n`).join(''), { end: 'stall' }]), options);
  const messages = source.messages();
  await until('all have arrived', () => source.stats.messages === 5);
  return [source, messages];
}

for (const transport of ['native', 'fetch']) {
  test(`a page that is reloaded goes on after what was taken, over ${transport}`, async () => {
    const [source, messages] = await five({ transport, resumeAfterReload: true });
    for (let n = 0; n < 2; n += 1) await messages.next();
    dispatchEvent(new Event('pagehide'));
    source.close();
    const again = new EventSource(source.url, { transport, resumeAfterReload: true });
    same(again.lastEventId, '2');
    again.close();
    const anew = new EventSource(source.url, { transport, resumeAfterReload: true });
    same(anew.lastEventId, '', 'the place was taken');
    anew.close();
  });
}

test('a key recognises a stream whose URL has changed', async () => {
  const resumeAfterReload = `key ${token()}`;
  const [source, messages] = await five({ resumeAfterReload });
  for (let n = 0; n < 3; n += 1) await messages.next();
  dispatchEvent(new Event('pagehide'));
  source.close();
  const url = `${here}/events?changed`;
  const byUrl = new EventSource(url, { resumeAfterReload: true });
  same(byUrl.lastEventId, '');
  byUrl.close();
  const byKey = new EventSource(url, { resumeAfterReload });
  same(byKey.lastEventId, '3');
  byKey.close();
});
