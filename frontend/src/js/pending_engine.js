import { CLOSED, CONNECTING, Engine, NOTHING } from './engine.js';
import { reopened } from './reopened.js';
import { checkRequest } from './request_options.js';
import { PendingList } from './pending_list.js';

/** An address as the page or worker resolves it. */
export function resolve(address, given = undefined) {
  const base = given ?? globalThis.document?.baseURI ?? globalThis.location?.href;
  try {
    return new URL(address, base).href;
  } catch {
    const cure = base === undefined ? 'there is no page here to resolve it, so use an absolute one, or the option base: { base: \'https://example.com/\' }'
      : 'use an absolute one or a path like "/events"';
    throw new DOMException(`"${address}" is not a valid URL; ${cure}`, 'SyntaxError');
  }
}

/** Lets go of a response that nobody reads. */
async function letGo(response) {
  try {
    await response?.body?.cancel?.();
  } catch {
    // Somebody reads it.
  }
}

/** Stands for what WebAssembly reads, until that is there; and for what is never opened. */
export class PendingEngine extends Engine {
  url;
  settings;
  canWait;
  types = new Set();
  /** Those of them for which a listener has ever been added; whether it is still there nobody tells. */
  listenedTypes = new Set();
  #lists = [];

  constructor(source, address, settings, before = undefined) {
    super(source, before);
    this.url = resolve(address);
    checkRequest('EventSource', this.url, settings);
    this.settings = settings;
    this.canWait = settings.fetch !== undefined;
    if (before === undefined) {
      this.begin(settings.lastEventId ?? '');
    } else {
      this.types = new Set(before.types);
      this.listenedTypes = new Set(before.listenedTypes);
    }
  }

  get withCredentials() {
    return this.settings.withCredentials;
  }

  get readyState() {
    return this.isClosed ? CLOSED : CONNECTING;
  }

  get lastEventId() {
    return this.behind?.message.lastEventId ?? this.arrivedId;
  }

  get stats() {
    return { ...NOTHING, dropped: this.dropped };
  }

  listen(type) {
    this.types.add(type);
  }

  listened(type) {
    this.types.add(type);
    this.listenedTypes.add(type);
  }

  end(reason, cause) {
    if (this.isClosed) return;
    this.enterEnd(reason, cause);
    this.tell();
  }

  /** It is closed before it has begun. A listener that is added now is still told. */
  abort({ reason }) {
    this.enterEnd('abort', reason);
    queueMicrotask(() => this.tell());
  }

  enter(state) {
    super.enter(state);
    // Of an answer that the page has given nobody reads the rest.
    if (this.isClosed) letGo(this.settings.fetch?.response);
  }

  leaveEnded() {
    super.leaveEnded();
    return { url: this.url, settings: reopened(this.settings, this.arrivedId) };
  }

  /** What it waits for does not come. */
  fail(cause) {
    if (this.isClosed) return;
    this.enter({ name: 'closed', reason: 'failure', cause });
    this.dispatch(new Event('error'));
    this.tell();
  }

  reconnect() {}

  list(...given) {
    const list = new PendingList();
    this.#lists.push([list, given]);
    return list;
  }

  /** Another engine has opened the source, and makes the lists. */
  leaveTo(engine) {
    this.unfollow();
    for (const [list, given] of this.#lists) list.become(engine.list(...given));
  }
}
