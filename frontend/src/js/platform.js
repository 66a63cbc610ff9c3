/** What the platform had when this was loaded: a page may put the class here in its place, as a polyfill is used. */
export const first = globalThis.EventSource;

/** The class here, which is not to be made of itself. */
let ownClass;

export function isOwn(Class) {
  ownClass = Class;
}

/**
 * The class of the platform's own sources; undefined where there is none. What was put in its place since (a test's fake)
 * counts, unless it is the class here or one derived from it.
 */
export function platformClass() {
  // Not `globalThis.EventSource`: for the second page that a process has, WebKit compiles that to what it was in the first.
  const now = Reflect.get(globalThis, 'EventSource');
  const own = now === ownClass || (typeof now === 'function' && Object.prototype.isPrototypeOf.call(ownClass, now));
  return typeof now !== 'function' || own ? first : now;
}

/** A member of the platform's own class, to be called with an object of that. */
export function platformMember(name) {
  return Object.getOwnPropertyDescriptor(first.prototype, name);
}

/** Makes one of the platform's own sources. */
export function makeSource(url, withCredentials) {
  const Platform = platformClass();
  return new Platform(url, { withCredentials });
}
