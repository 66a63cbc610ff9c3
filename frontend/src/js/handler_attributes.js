/**
 * Defines `on…` for these types of event, as the Standard's event handler IDL attributes:
 * https://html.spec.whatwg.org/multipage/webappapis.html#event-handler-idl-attributes
 *
 * A handler is a listener that is added when the attribute is set, stays where it is while one handler takes the place
 * of another, and is removed when the attribute is set to null. Whatever is no object sets null; an object that can't be
 * called is kept, and does nothing. A target that has such attributes of its own (`platform.attribute` gives them) uses
 * those, and `platform.set` is told of it.
 */
export function defineHandlers(Target, types, platform) {
  for (const type of types) {
    const name = `on${type}`;
    const handlers = new WeakMap();
    const check = (target) => {
      if (!(target instanceof Target)) throw new TypeError(`${Target.name}: ${name} belongs to its instances`);
    };
    // Written as members, so that they have the names that the platform's have.
    Object.defineProperty(Target.prototype, name, Object.getOwnPropertyDescriptor({
      get [name]() {
        check(this);
        const own = platform.attribute(this, name);
        return own === undefined ? handlers.get(this)?.value ?? null : own.get.call(this);
      },
      set [name](given) {
        check(this);
        const own = platform.attribute(this, name);
        if (own !== undefined) {
          own.set.call(this, given);
          platform.set(this, type);
          return;
        }
        const target = this;
        const value = (typeof given === 'object' && given !== null) || typeof given === 'function' ? given : null;
        let handler = handlers.get(this);
        if (value === null) {
          if (handler === undefined) return;
          handlers.delete(this);
          this.removeEventListener(type, handler);
        } else if (handler === undefined) {
          handler = {
            value,
            handleEvent(event) {
              if (typeof this.value === 'function') this.value.call(target, event);
            },
          };
          handlers.set(this, handler);
          this.addEventListener(type, handler);
        } else {
          handler.value = value;
        }
      },
    }, name));
  }
}
