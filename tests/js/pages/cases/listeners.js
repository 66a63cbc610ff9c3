// What an EventTarget and its event handler attributes do. Each case has two messages to see it with.

import { script, until } from '../harness.js';

/** Sets listeners up, and gives what they have written down when two messages and the error are through. */
const hears = (name, set) => ({
  name,
  async run(contender) {
    const source = contender.make(await script(['id: 1\ndata: 1\n\n', { pause: '30ms' }, 'id: 2\ndata: 2\n\nevent: a\ndata: 3\n\n']));
    const heard = [];
    let over = false;
    set(source, heard);
    source.addEventListener('error', () => { over = true; });
    await until('the stream is through', () => over);
    source.close();
    return heard;
  },
});

/** As above, and notes what is reported to the page. */
const reports = (name, set) => {
  const { run } = hears(name, set);
  return {
    name,
    async run(contender) {
      const mine = `${contender.name} ${Math.random()}`;
      const reported = [];
      const note = (event) => {
        if (!String(event.message).includes(mine)) return;
        reported.push(event.error instanceof Error);
        event.preventDefault();
      };
      addEventListener('error', note);
      try {
        const source = { ...contender, make: (...given) => Object.assign(contender.make(...given), { mine }) };
        return [await run(source), reported];
      } finally {
        removeEventListener('error', note);
      }
    },
  };
};

/** More turns of microtasks than code between an event and its use takes. */
async function microtasks() {
  for (let n = 0; n < 50; n += 1) await null;
}

const noCheckpoint = 'a script that dispatches an event is still running between its listeners';

const says = (heard, what) => ({ type, data }) => heard.push(`${what} ${type} ${data ?? ''}`);

const notTrusted = 'only the browser makes trusted events';
const unheard = 'which types are listened to is known from its own addEventListener';

export const cases = [
  {
    ...hears('whether events are trusted', (source, heard) => {
      for (const type of ['open', 'message', 'a', 'error']) source.addEventListener(type, ({ isTrusted }) => heard.push(isTrusted));
    }),
    differs: { options: { any: notTrusted }, fetch: { any: notTrusted } },
  },
  {
    ...hears('listeners added with the method of EventTarget', (source, heard) => {
      for (const type of ['open', 'message', 'a', 'error']) EventTarget.prototype.addEventListener.call(source, type, says(heard, 'heard'));
      // Over fetch nothing is read before someone is known to listen.
      source.addEventListener('elsewhere', () => {});
    }),
    differs: { options: { any: unheard }, fetch: { any: unheard } },
  },
  hears('in the order in which they were added', (source, heard) => {
    source.addEventListener('message', says(heard, 'first'));
    source.onmessage = says(heard, 'handler');
    source.addEventListener('message', says(heard, 'last'));
  }),
  hears('a handler keeps the place of the one before', (source, heard) => {
    source.onmessage = says(heard, 'never');
    source.addEventListener('message', says(heard, 'second'));
    source.onmessage = says(heard, 'handler');
  }),
  hears('a handler that was null comes last', (source, heard) => {
    source.onmessage = says(heard, 'never');
    source.addEventListener('message', says(heard, 'first'));
    source.onmessage = null;
    source.onmessage = says(heard, 'handler');
  }),
  hears('a handler taken away while it is heard', (source, heard) => {
    source.addEventListener('message', () => { source.onmessage = null; });
    source.onmessage = says(heard, 'handler');
  }),
  hears('a handler changed while it is heard', (source, heard) => {
    source.addEventListener('message', () => { source.onmessage = says(heard, 'new'); });
    source.onmessage = says(heard, 'old');
  }),
  hears('what a handler may be', (source, heard) => {
    for (const value of [1, 'x', true, undefined, Symbol('x'), 7n, null]) {
      source.onmessage = () => {};
      source.onmessage = value;
      heard.push(source.onmessage);
    }
    const object = { handleEvent() { heard.push('never'); } };
    source.onmessage = object;
    heard.push(source.onmessage === object);
    source.onopen = [];
    heard.push(Array.isArray(source.onopen));
    const handler = () => {};
    source.onerror = handler;
    heard.push(source.onerror === handler);
  }),
  hears('a handler and a listener that are one function', (source, heard) => {
    const both = says(heard, 'both');
    source.addEventListener('message', both);
    source.onmessage = both;
    source.addEventListener('message', both);
  }),
  hears('what a handler is called with', (source, heard) => {
    source.onmessage = function (...given) {
      const [event] = given;
      heard.push([this === source, given.length, event.target === source, event.currentTarget === source, event.srcElement === source]);
      heard.push([event.eventPhase, event.composedPath().length, event.composedPath()[0] === source, event.defaultPrevented, event.source, event.ports.length]);
      heard.push([event instanceof MessageEvent, Object.prototype.toString.call(event), Object.isFrozen(event.ports)]);
      return false;
    };
    source.onopen = (event) => heard.push([Object.prototype.toString.call(event), event.target === source, event.data]);
    source.onerror = (...given) => heard.push([given.length, Object.prototype.toString.call(given[0]), source.readyState]);
  }),
  hears('false from a handler', (source, heard) => {
    source.onmessage = () => false;
    source.addEventListener('message', (event) => heard.push([event.defaultPrevented, event.returnValue]));
  }),
  hears('once', (source, heard) => source.addEventListener('message', says(heard, 'once'), { once: true })),
  hears('capture', (source, heard) => {
    source.addEventListener('message', says(heard, 'bubble'));
    source.addEventListener('message', says(heard, 'capture'), true);
    source.addEventListener('message', says(heard, 'capture too'), { capture: true });
  }),
  hears('a signal', (source, heard) => {
    const controller = new AbortController();
    source.addEventListener('message', says(heard, 'until aborted'), { signal: controller.signal });
    source.addEventListener('message', () => controller.abort());
    source.addEventListener('message', says(heard, 'never'), { signal: AbortSignal.abort() });
  }),
  hears('an object with handleEvent', (source, heard) => {
    const object = { handleEvent(event) { heard.push([this === object, event.data]); } };
    source.addEventListener('message', object);
    source.addEventListener('a', object);
  }),
  hears('handleEvent is asked for each time', (source, heard) => {
    const object = {};
    source.addEventListener('message', object);
    source.addEventListener('open', () => { object.handleEvent = says(heard, 'late'); });
  }),
  hears('removed while it is heard', (source, heard) => {
    const last = says(heard, 'last');
    source.addEventListener('message', () => source.removeEventListener('message', last));
    source.addEventListener('message', last);
  }),
  hears('added while it is heard', (source, heard) => {
    source.addEventListener('message', () => source.addEventListener('message', says(heard, 'late')));
  }),
  hears('a type that is first listened to between messages', (source, heard) => {
    source.addEventListener('message', () => source.addEventListener('a', says(heard, 'late')), { once: true });
  }),
  hears('stopImmediatePropagation', (source, heard) => {
    source.addEventListener('message', (event) => event.stopImmediatePropagation());
    source.addEventListener('message', says(heard, 'never'));
  }),
  hears('twice the same', (source, heard) => {
    const listener = says(heard, 'once');
    source.addEventListener('message', listener);
    source.addEventListener('message', listener);
    source.removeEventListener('message', listener);
    source.addEventListener('message', listener, true);
  }),
  hears('what is no listener', (source, heard) => {
    const refused = (...given) => { try { return source.addEventListener(...given); } catch (error) { return error.name; } };
    heard.push(refused(), refused('message'), refused('message', null), refused('message', undefined), refused('message', 5), refused('message', 'x'));
    heard.push(refused(Symbol('x'), () => {}), refused(null, says(heard, 'never')));
  }),
  hears('a type that is no string', (source, heard) => {
    source.addEventListener({ toString: () => 'message' }, says(heard, 'made'));
    source.addEventListener(['a'], says(heard, 'joined'));
  }),
  reports('a handler that throws is reported, and the others are called', (source, heard) => {
    source.onmessage = () => { throw new Error(source.mine); };
    source.addEventListener('message', says(heard, 'after'));
  }),
  reports('a listener that throws is reported', (source, heard) => {
    source.addEventListener('message', () => { throw new Error(source.mine); });
    source.addEventListener('message', says(heard, 'after'));
  }),
  hears('microtasks after open, before the first message', (source, heard) => {
    source.onopen = async () => {
      await microtasks();
      heard.push('after open');
    };
    source.onmessage = says(heard, 'heard');
  }),
  hears('microtasks after the last message, before the error', (source, heard) => {
    source.addEventListener('a', async () => {
      await microtasks();
      heard.push('after the message');
    });
    source.onerror = says(heard, 'heard');
  }),
  {
    ...hears('microtasks between two listeners', (source, heard) => {
      source.addEventListener('message', () => queueMicrotask(() => heard.push('microtask')));
      source.addEventListener('message', says(heard, 'second'));
    }),
    differs: { options: { any: noCheckpoint }, fetch: { any: noCheckpoint } },
  },
  {
    name: 'a loop that awaits each message misses none',
    async run(contender) {
      const numbers = Array.from({ length: 200 }, (_, n) => n);
      const source = contender.make(await script([numbers.map((n) => `data: ${n}\n\n`).join(''), { end: 'stall' }]));
      const seen = [];
      while (seen.length < numbers.length) {
        const { data } = await new Promise((resolve) => { source.addEventListener('message', resolve, { once: true }); });
        // Some libraries take several turns before they hand a value on.
        await null;
        await null;
        seen.push(Number(data));
      }
      source.close();
      return seen;
    },
  },
  {
    name: 'microtasks between the messages of a chunk of 300, and readyState in each',
    async run(contender) {
      const numbers = Array.from({ length: 300 }, (_, n) => n);
      const source = contender.make(await script([numbers.map((n) => `data: ${n}\n\n`).join(''), { end: 'stall' }]));
      const seen = [];
      const done = new Promise((resolve) => {
        source.addEventListener('message', async ({ data }) => {
          seen.push(data, source.readyState);
          queueMicrotask(() => seen.push(`a${data}`));
          await microtasks();
          seen.push(`b${data}`);
          if (data === '299') resolve();
        });
      });
      await done;
      source.close();
      return [seen.length, seen.findIndex((value, n) => value !== [`${Math.floor(n / 4)}`, 1, `a${Math.floor(n / 4)}`, `b${Math.floor(n / 4)}`][n % 4])];
    },
  },
  {
    name: 'a source that is closed by the 100th message of a chunk',
    async run(contender) {
      const numbers = Array.from({ length: 300 }, (_, n) => n);
      const source = contender.make(await script([numbers.map((n) => `data: ${n}\n\n`).join(''), { end: 'stall' }]));
      const seen = [];
      source.onerror = () => seen.push('error');
      source.onmessage = ({ data }) => {
        seen.push(data);
        if (data === '99') queueMicrotask(() => source.close());
      };
      await until('it is closed', () => source.readyState === 2);
      await microtasks();
      return [seen.length, seen.at(-1)];
    },
  },
  {
    name: 'events that a script dispatches',
    async run({ make }) {
      const source = make('/events');
      const heard = [];
      source.onmessage = (event) => heard.push([event.data, event.isTrusted]);
      source.addEventListener('mine', (event) => heard.push(event.type));
      heard.push(source.dispatchEvent(new MessageEvent('message', { data: 5 })), source.dispatchEvent(new Event('mine', { cancelable: true })));
      source.close();
      return heard;
    },
  },
];
