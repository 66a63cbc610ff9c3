import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { Component, createElement, StrictMode } from 'react';
import { flushSync } from 'react-dom';
import { createRoot, hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';

import { useEventSource } from 'eventsource-wasm/react';

import { assert, same, test, token, until } from '/harness.js';

import { answerTo, latest } from '../tanstack-query/queries.ts';
import { closed, counted, countingSources, datas, open, scenarios, stream, testWith, timesAsked } from './scenarios.js';

class Boundary extends Component {
  state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  componentDidCatch(error) {
    this.props.errors.push(error);
  }

  render() {
    return this.state.failed ? null : this.props.children;
  }
}

/** Renders what `show` returns, in `Around` if that is given. */
function rendered(show, Around, errors = []) {
  const element = document.body.appendChild(document.createElement('main'));
  const root = createRoot(element, { onCaughtError() {} });
  const Shows = (props) => show(props);
  let props = {};
  const update = (changed) => {
    props = { ...props, ...changed };
    const child = createElement(Boundary, { errors }, createElement(Shows, props));
    flushSync(() => root.render(Around ? createElement(Around, null, child) : child));
  };
  const unmount = () => {
    root.unmount();
    element.remove();
  };
  return { element, update, unmount, errors };
}

async function mount(url, { onText, ...options } = {}, Around = undefined) {
  let result;
  const texts = [];
  const results = [];
  const { update, ...view } = rendered(({ address, ...changed }) => {
    result = useEventSource(address, { ...options, ...changed });
    texts.push(`${result.status} ${result.data}`);
    results.push(result);
    onText?.(result);
    return texts.at(-1);
  }, Around);
  update({ address: url });
  return {
    ...view,
    texts,
    results,
    read: () => result,
    update: ({ url: address, ...changed }) => update(address === undefined ? changed : { address, ...changed }),
  };
}

scenarios(mount);

testWith(mount, 'StrictMode, which mounts twice, opens one source', (mounted) => countingSources(async (made) => {
  const id = token();
  const url = counted(id);
  const view = await mounted(url, {}, StrictMode);
  await until('the last message is shown', () => view.texts.at(-1) === 'OPEN 1');
  same([made(), (await open(id)).length, await timesAsked(url)], [1, 1, 1]);
  await view.unmount();
  await closed(id);
}));

testWith(mount, 'a render with new options opens nothing, and gives the same object', async (mounted) => {
  const id = token();
  const url = counted(id);
  const view = await mounted(url, { reconnect: { maxDelay: 10 } });
  await until('the last message is shown', () => view.texts.at(-1) === 'OPEN 1');
  const { length } = view.results;
  view.update({ headers: undefined });
  await until('it is rendered again', () => view.results.length > length);
  same(view.results.at(-1) === view.results[length - 1], true);
  same(await timesAsked(url), 1);
});

testWith(mount, 'functions among the options are those of the last render', async (mounted) => {
  const [first, second] = [token(), token()];
  const view = await mounted('/events', { urlProvider: () => stream(first) });
  await until('the last message is shown', () => view.texts.at(-1) === 'OPEN 3');
  const { length } = view.results;
  view.update({ urlProvider: () => stream(second) });
  await until('it is rendered again', () => view.results.length > length);
  same([(await open(first)).length, (await open(second)).length], [1, 0]);
  view.read().eventSource.reconnect();
  await until('the other address is asked', async () => (await open(second)).length === 1);
});

test('what a server has rendered is taken over as it is', async () => {
  const id = token();
  const Shows = () => {
    const { status, data } = useEventSource(stream(id));
    return createElement('p', null, `${status} ${data}`);
  };
  const element = document.body.appendChild(document.createElement('main'));
  element.innerHTML = renderToString(createElement(Shows));
  const [paragraph] = element.children;
  const errors = [];
  const root = hydrateRoot(element, createElement(Shows), { onRecoverableError: (error) => errors.push(error) });
  try {
    same([element.textContent, await open(id)], ['CONNECTING null', []]);
    await until('the last message is shown', () => element.textContent === 'OPEN 3');
    same([element.firstChild === paragraph, errors.map(String)], [true, []]);
  } finally {
    root.unmount();
  }
  await closed(id);
});

testWith(mount, 'where there are no frames, as in a hidden page, it is updated all the same', async (mounted) => {
  const { requestAnimationFrame } = globalThis;
  globalThis.requestAnimationFrame = () => 0;
  try {
    const view = await mounted(stream(token(), 'drop=1230&end=stall'));
    await until('the last message is shown', () => view.texts.at(-1) === 'OPEN 1229');
    same([datas(view.read().messages), view.read().dropped], [Array.from({ length: 100 }, (_, n) => `${1130 + n}`), 0]);
    assert(view.texts.length < 20, `${view.texts.length} renders are too many`);
  } finally {
    globalThis.requestAnimationFrame = requestAnimationFrame;
  }
});

/** Renders a query of TanStack's. */
async function queried(options) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const results = [];
  const view = rendered(() => {
    results.push(useQuery(options));
    return null;
  }, ({ children }) => createElement(QueryClientProvider, { client }, children));
  view.update({});
  return { ...view, results, read: () => results.at(-1) };
}

testWith(queried, 'TanStack Query: an answer grows until its end', async (mounted) => {
  const view = await mounted(answerTo('why', '/events?t0=0&data=n&interval=0&drop=12'));
  await until('it is complete', () => view.read()?.fetchStatus === 'idle');
  same([view.read().data, view.read().error], ['01234567891011', null]);
});

testWith(queried, 'TanStack Query: a source that gives up is an error of the query', async (mounted) => {
  const view = await mounted(answerTo('how', '/events?status=404'));
  await until('it has failed', () => view.read()?.status === 'error');
  same([view.read().error.name, view.read().error.status], ['StatusError', 404]);
});

testWith(queried, 'TanStack Query: the latest messages of a stream, until nobody shows them', async (mounted) => {
  const id = token();
  const view = await mounted(latest(stream(id, 'drop=3000&end=stall'), 100));
  await until('the last one is there', () => view.read()?.data?.at(-1)?.data === '2999');
  same([view.read().data.length, datas(view.read().data.slice(0, 2)), view.read().fetchStatus], [100, ['2900', '2901'], 'fetching']);
  assert(view.results.length < 300, `${view.results.length} renders are too many`);
  same((await open(id)).length, 1);
  view.unmount();
  await closed(id);
});
