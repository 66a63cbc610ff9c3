/** What the platform had when this was loaded: a page may put the class here in its place, as a polyfill is used. */
export const first = current();

/**
 * Whether that is the platform's own: only of this can an instance be made that has another prototype. A class that a page has
 * derived from it, and put in its place before this was loaded, may do more with its instances.
 */
export const firstIsOwn = typeof first === 'function' && /\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(first));

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
  const now = current();
  const own = now === ownClass || (typeof now === 'function' && Object.prototype.isPrototypeOf.call(ownClass, now));
  return typeof now !== 'function' || own ? first : now;
}

/**
 * What `EventSource` is now. In the second page that a process has, WebKit goes on reading what it was before it was
 * replaced: as a property, and by Reflect.get() too.
 */
function current() {
  const property = Object.getOwnPropertyDescriptor(globalThis, 'EventSource');
  return property !== undefined && 'value' in property ? property.value : globalThis.EventSource;
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
