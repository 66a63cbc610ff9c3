// Every contender is a module whose default export loads it: `await load()` is
//
//   start({ url, list })                              for one that `lists`: shows each message as `message: ` + data
//   start({ url, count, every, tell, finish, fail })  for the others: `tell(data)` after each `every`-th message;
//                                                     who sees no messages calls `finish()` after the last byte; who
//                                                     keeps time itself calls `finish(end, begin)`
//   lists, keeps      whether it lists, and how many lines it keeps, if not all
//   memory            its WebAssembly.Memory
//
// `start` returns what stops it. What it throws means that the contender can't be had, and is the reason. The driver's
// list, with names for readers, is ../../src/contenders.rs.

export const contenders = {
  native: () => import('./native.js'),
  usual: () => import('./usual.js'),
  batched: () => import('./batched.js'),
  'list-native': () => import('./list-native.js'),
  'list-fetch': () => import('./list-fetch.js'),
  'class-list-native': () => import('./class-list-native.js'),
  'class-list-fetch': () => import('./class-list-fetch.js'),
  'rust-native': () => import('./rust-native.js'),
  'rust-native-read': () => import('./rust-native-read.js'),
  'rust-callback': () => import('./rust-callback.js'),
  'rust-callback-read': () => import('./rust-callback-read.js'),
  'rust-batches-read': () => import('./rust-batches-read.js'),
  'rust-fetch-batches': () => import('./rust-fetch-batches.js'),
  'rust-fetch': () => import('./rust-fetch.js'),
  'rust-fetch-read': () => import('./rust-fetch-read.js'),
  'class-native': () => import('./class-native.js'),
  'class-options': () => import('./class-options.js'),
  'class-native-each': () => import('./class-native-each.js'),
  'class-native-batches': () => import('./class-native-batches.js'),
  'class-fetch': () => import('./class-fetch.js'),
  'class-fetch-each': () => import('./class-fetch-each.js'),
  'class-fetch-batches': () => import('./class-fetch-batches.js'),
  'npm-fetch-event-source': () => import('./npm-fetch-event-source.js'),
  'npm-eventsource': () => import('./npm-eventsource.js'),
  'npm-eventsource-client': () => import('./npm-eventsource-client.js'),
  gloo: () => import('./gloo.js'),
  fetch: () => import('./fetch.js'),
  'fetch-parser': () => import('./fetch-parser.js'),
  'share-none': () => import('./share-none.js'),
  'share-class': () => import('./share-class.js'),
  'share-native': () => import('./share-native.js'),
  'share-class-fetch': () => import('./share-class-fetch.js'),
  'share-fetch': () => import('./share-fetch.js'),
  'share-npm-flame': () => import('./share-npm-flame.js'),
  'share-npm-shared-event-source': () => import('./share-npm-shared-event-source.js'),
};
