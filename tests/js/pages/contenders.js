// Who is put through the cases beside the platform's own object.

import init, { EventSource } from '../eventsource_wasm.js';

/** Service workers have no `await` here. */
export const ready = init();

export const Platform = globalThis.EventSource;
export const Ours = EventSource;

/** A way to make a source, with the options of one transport. */
export const contenders = [
  { name: 'native', make: (url, init_) => new EventSource(url, init_), Class: EventSource },
  { name: 'options', make: (url, init_) => new EventSource(url, withOption(init_)), Class: EventSource },
  { name: 'fetch', make: (url, init_) => new EventSource(url, overFetch(init_)), Class: EventSource },
];

const overFetch = (given) => added(given, 'transport', 'fetch');

/** Over the platform's object, but read by WebAssembly: the option asks for nothing that shows. */
const withOption = (given) => added(given, 'gapEvent', null);

/** The same options, inherited ones too, and one more; what is none stays what it is. */
function added(given, name, value) {
  if (given !== undefined && given !== null && typeof given !== 'object') return given;
  return Object.create(given ?? null, { [name]: { value, enumerable: true } });
}

export const platform = { name: 'platform', make: (url, init_) => new Platform(url, init_), Class: Platform };
