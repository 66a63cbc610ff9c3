import { flushSync, mount as mountComponent, unmount as unmountComponent } from 'svelte';

import { same, token, until } from '/harness.js';

import Page from './Page.svelte';
import { stateOf } from './props.svelte.js';
import { closed, counted, open, scenarios, testWith, timesAsked } from './scenarios.js';

async function mount(url, { onText, enabled = true, key, isQuiet = false, ...options } = {}) {
  let result;
  const texts = [];
  const errors = [];
  const props = stateOf({ url, enabled, key, isQuiet });
  const tell = {
    use: (source) => { result = source; },
    show(source) {
      texts.push(`${source.status} ${source.data}`);
      onText?.(source);
      return texts.at(-1);
    },
  };
  const element = document.body.appendChild(document.createElement('main'));
  const component = mountComponent(Page, { target: element, props: { props, options, tell, errors } });
  flushSync();
  let isMounted = true;
  return {
    texts,
    errors,
    read: () => ({ ...result }),
    update(changed) {
      Object.assign(props, changed);
      flushSync();
    },
    async unmount() {
      if (isMounted) await unmountComponent(component);
      isMounted = false;
      element.remove();
    },
  };
}

scenarios(mount);

testWith(mount, 'it is open while something reads it', async (mounted) => {
  const id = token();
  const url = counted(id);
  const view = await mounted(url, { isQuiet: true });
  same([view.texts, view.read().eventSource], [[], null]);
  view.update({ isQuiet: false });
  await until('the last message is shown', () => view.texts.at(-1) === 'OPEN 1');
  same((await open(id)).length, 1);
  view.update({ isQuiet: true });
  await closed(id);
  same(await timesAsked(url), 1);
});
