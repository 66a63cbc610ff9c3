// https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface

import { show } from '../harness.js';

/** What a call throws, or gives; the source is closed at once. */
function outcome(make) {
  try {
    const source = make();
    const seen = [source.url, source.withCredentials, source.readyState, source.onopen, source.onmessage, source.onerror];
    source.close();
    return seen;
  } catch (error) {
    return [error.constructor.name, error.name];
  }
}

const throwing = { toString() { throw new RangeError('mine'); } };

/** Arguments as they are written, and as they are. */
const calls = [
  ['', () => []],
  ['undefined', () => [undefined]],
  ['null', () => [null]],
  ['a number', () => [7]],
  ['an empty string', () => ['']],
  ['spaces around', () => [' \n/events\t ']],
  ['a URL', () => [new URL('/events', location.href)]],
  ['an object with toString', () => [{ toString: () => '/events?made' }]],
  ['toString that throws', () => [throwing]],
  ['a symbol', () => [Symbol('x')]],
  ['half a surrogate pair', () => ['/events?\uD800']],
  ['a fragment', () => ['/events#part']],
  ['a user and password', () => [`http://user:secret@${location.host}/events`], { fetch: { any: 'it takes no URL with a user and password' } }],
  ['http://[', () => ['http://[']],
  ['//', () => ['//']],
  ['http://host:port', () => ['http://host:99999/']],
  ['ftp:', () => ['ftp://127.0.0.1/events']],
  ['mailto:', () => ['mailto:someone@127.0.0.1']],
  ['about:blank', () => ['about:blank']],
  ['javascript:', () => ['javascript:void 0']],
  ['init undefined', () => ['/events', undefined]],
  ['init null', () => ['/events', null]],
  ['init empty', () => ['/events', {}]],
  ['init a number', () => ['/events', 7]],
  ['init a string', () => ['/events', 'x']],
  ['init a function', () => ['/events', () => {}]],
  ['init a number, and no URL', () => ['http://[', 7]],
  ['withCredentials', () => ['/events', { withCredentials: true }]],
  ['withCredentials that is true enough', () => ['/events', { withCredentials: 'no' }]],
  ['withCredentials null', () => ['/events', { withCredentials: null }]],
  ['withCredentials inherited', () => ['/events', Object.create({ withCredentials: true })]],
  ['withCredentials that throws', () => ['/events', { get withCredentials() { throw new RangeError('mine'); } }]],
];

/** What looking at an object shows of these names. */
function shape(object, names) {
  return names.map((name) => {
    const found = Object.getOwnPropertyDescriptor(object, name);
    if (found === undefined) return [String(name), 'missing'];
    const kind = 'value' in found ? `${typeof found.value} ${found.writable}` : `${found.get?.name} ${found.set?.name}`;
    return [String(name), kind, found.enumerable, found.configurable];
  });
}

const MEMBERS = ['url', 'withCredentials', 'readyState', 'onopen', 'onmessage', 'onerror', 'close', 'CONNECTING', 'OPEN', 'CLOSED', 'constructor', Symbol.toStringTag];

export const cases = [
  ...calls.map(([name, give, differs]) => ({
    differs,
    name: `new EventSource(${name})`,
    run: async ({ make, Class }) => outcome(() => (give().length === 0 ? new Class() : make(...give()))),
  })),
  {
    name: 'without new',
    run: async ({ Class }) => outcome(() => Class('/events')),
  },
  {
    name: 'a URL of a page with another base',
    async run({ make }) {
      if (globalThis.document === undefined) return outcome(() => make('events?relative'));
      const base = document.createElement('base');
      base.href = '/elsewhere/';
      document.head.append(base);
      try {
        return outcome(() => make('events?relative'));
      } finally {
        base.remove();
      }
    },
  },
  {
    name: 'the members of the prototype',
    run: async ({ Class }) => shape(Class.prototype, MEMBERS),
  },
  {
    name: 'the members of the class',
    run: async ({ Class }) => [Class.name, shape(Class, ['CONNECTING', 'OPEN', 'CLOSED', 'name', 'length', 'prototype'])],
  },
  {
    name: 'what it is',
    async run({ make, Class }) {
      const source = make('/events');
      const seen = [source instanceof EventTarget, source instanceof Class, Object.getPrototypeOf(Class) === EventTarget, String(source)];
      const keys = [];
      for (const key in source) if (MEMBERS.includes(key)) keys.push(key);
      const listed = [keys.sort(), show(Object.keys(source)), source.OPEN, Class.CLOSED];
      source.close();
      return [...seen, ...listed];
    },
  },
  {
    name: 'members of what is no source',
    async run({ Class }) {
      const refused = (use) => { try { use(); return 'taken'; } catch (error) { return error.name; } };
      const get = (name) => Object.getOwnPropertyDescriptor(Class.prototype, name).get;
      return [
        ...['url', 'withCredentials', 'readyState'].map((name) => refused(() => get(name).call({}))),
        refused(() => Class.prototype.close.call({})),
        refused(() => get('onopen').call({})),
        refused(() => { Class.prototype.onmessage = null; }),
      ];
    },
  },
  {
    name: 'values that are read only',
    async run({ make }) {
      const source = make('/events');
      const refused = (name) => { try { source[name] = 5; return 'taken'; } catch (error) { return error.name; } };
      const seen = ['url', 'withCredentials', 'readyState', 'CLOSED'].map((name) => [refused(name), source[name] !== 5]);
      source.close();
      return seen;
    },
  },
];
