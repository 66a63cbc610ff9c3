import { provide } from './core.js';
import { decoded } from './decoded.js';
import { CLOSED, CONNECTING, Engine, OPEN } from './engine.js';
import { OwnMessageEvent } from './message_event.js';
import { reopened } from './reopened.js';
import { takeTurns } from './turns.js';

/** A state of the connection as the number that the Standard has for it. */
const numberOf = ({ name }) => (name === 'open' ? OPEN : name === 'closed' ? CLOSED : CONNECTING);

/** Whether the Standard has an `error` event where one state follows another. */
function isFailure(before, now) {
  switch (now.name) {
    // `waiting` is reported twice for one attempt if there was a probe in between.
    case 'waiting': return before.name !== 'waiting' || before.attempt !== now.attempt;
    case 'paused': return before.name === 'open' || (before.name === 'connecting' && now.reason === 'offline');
    case 'closed': return now.reason === 'failure';
    default: return false;
  }
}

/** How many numbers a message has in a batch. */
const NUMBERS = 4;

/** Replaces the length of an ID: the message has the same ID as the one before. */
const SAME = 0xffff_ffff;

/** How many messages may wait to be dispatched. */
const MOST = 1024;

/** After this many messages, the WebAssembly is told that there is room again. */
const MANY = 256;

/** Messages that have arrived together. They are created one at a time. */
class Batch {
  #first;
  #text;
  #numbers;
  #origin;
  #next = 0;
  #at = 0;

  constructor(first, text, numbers, origin) {
    this.#first = first;
    this.#text = text;
    this.#numbers = numbers;
    this.#origin = origin;
  }

  /** How many messages are left. */
  get size() {
    return (this.#numbers.length - this.#next) / NUMBERS;
  }

  /** The next message's number. */
  get number() {
    return this.#first + this.#numbers[this.#next];
  }

  /** The number of the next message's type. */
  get type() {
    return this.#numbers[this.#next + 3];
  }

  /** The next message; `lastEventId` is that of the one before. */
  take(type, lastEventId) {
    const data = this.#part(this.#numbers[this.#next + 1]);
    const idLength = this.#numbers[this.#next + 2];
    const id = idLength === SAME ? lastEventId : this.#part(idLength);
    this.#next += NUMBERS;
    return { type, data, lastEventId: id, origin: this.#origin };
  }

  #part(length) {
    const begin = this.#at;
    this.#at += length;
    return this.#text.slice(begin, this.#at);
  }
}

/**
 * A source that the WebAssembly reads, and whose events are dispatched here. The class is created when the WebAssembly starts: if a build
 * loads this file separately, `Engine` is available only then.
 */
const defineCoreEngine = () => class CoreEngine extends Engine {
  #url;
  #settings;
  #handle;
  #readyState = CONNECTING;
  /** Whether the stream is read over fetch: messages then arrive in batches, and the source can be made to wait. */
  canWait;
  /** Of a stream over fetch: batches that are still to be dispatched, and calls for what has happened after them. */
  #inbox = [];
  /** Whether something has been dispatched, and its microtasks may still run: another turn follows. */
  #settling = false;
  /** Whether the first of them is to be taken, now or when readers have room. */
  #taking = false;
  /** How many messages are in it. */
  #waitingCount = 0;
  /** How many messages have been taken since WebAssembly was told that there is room. */
  #taken = 0;
  /** Whether WebAssembly was told that there is no room, and waits for a report of room. */
  #waitsForRoom = false;
  /** Whether WebAssembly waits until everything has been dispatched, or an iterator is full. */
  #waitsForDispatch = false;
  /** Whether a full iterator keeps the inbox waiting. */
  #held = false;
  /** The names of types, as batches number them. */
  #names = [];
  /** The id of the newest message that has been taken out of a batch. */
  #id = '';
  /** Where it was closed, if messages were still to be dispatched: the id of the last one before them. */
  #cut;
  /** Whether WebAssembly has reported everything. */
  #over = false;
  /** The length of the data that WebAssembly has not seen. */
  #length = 0;
  #types = new Set();
  /** The types for which a listener has ever been added; there is no way to know whether it still exists. */
  #listenedTypes;
  /** How many messages there were before this engine has read the stream. */
  #before = 0;
  /** What can still be read when the WebAssembly has released the source. */
  #last;
  /** The newest response, and the object that scripts get for it. */
  #answer;
  #response = null;

  /** Opens what `pending` stands for. Throws what opening throws. */
  constructor(opener, pending) {
    const { source, url, settings, canWait, types, listenedTypes, arrived } = pending;
    super(source, pending);
    this.canWait = canWait;
    this.#url = url;
    this.#settings = settings;
    this.#before = arrived;
    this.#listenedTypes = listenedTypes;
    this.#handle = opener.open(url, settings, {
      message: (number, raw, id) => this.#receive(number, raw, id),
      batch: (first, text, numbers, origin) => this.#deliver(new Batch(first, text, numbers.slice(), origin)),
      type: (number, name) => { this.#names[number] = name; },
      room: () => {
        const room = this.#room();
        this.#waitsForRoom = room === 0;
        return room;
      },
      dispatching: () => {
        this.#waitsForDispatch = (this.#inbox.length > 0 || this.#settling) && !this.#held;
        return this.#waitsForDispatch;
      },
      state: (state) => this.#inTurn(() => this.#change(state)),
      missed: () => this.#inTurn(() => this.#tellMissed()),
      wantsMore: () => this.#wantsMore(),
      excuse: () => this.#excuse(),
      behind: () => this.#behind(),
      end: () => {
        this.#over = true;
        this.#inTurn(() => this.#end());
      },
    });
    if (arrived === 0) this.begin(this.#handle.lastEventId);
    for (const type of types) this.listen(type);
    if (this.wantsAll) this.listenToAll();
  }

  get types() {
    return this.#types;
  }

  get listenedTypes() {
    return this.#listenedTypes;
  }

  get url() {
    return this.#url;
  }

  get withCredentials() {
    return this.#settings.withCredentials;
  }

  get readyState() {
    return this.#readyState;
  }

  get lastEventId() {
    if (this.#cut !== undefined) return this.behind?.message.lastEventId ?? this.#cut;
    return this.#handle?.lastEventId ?? this.behind?.message.lastEventId ?? this.#last.lastEventId;
  }

  get response() {
    // Another tab has the response.
    if (this.state.shared === 'follower') return null;
    const answer = this.#handle?.response ?? this.#answer;
    if (answer !== this.#answer) {
      this.#answer = answer;
      const { status, url, headers } = answer;
      // A copy: if the page changes these headers, it changes no others.
      this.#response = Object.freeze({ status, url, headers: new Headers(headers) });
    }
    return this.#response;
  }

  get stats() {
    const stats = this.#handle?.stats ?? this.#last.statsNow();
    stats.dropped += this.dropped;
    stats.bytes += this.#length;
    return stats;
  }

  /** Messages of this type are wanted from now on. */
  listen(type) {
    if (!this.isClosed) {
      if (this.#types.has(type)) this.#handle.madeRoom();
      else this.#handle.listen(type);
    }
    this.#types.add(type);
  }

  listenToAll() {
    if (!this.isClosed) this.#handle.listenToAll();
  }

  /** A listener has been added. */
  listened(type) {
    // Over the native transport, messages arrive only for types that have a listener.
    this.listen(type);
    this.#listenedTypes.add(type);
  }

  end(reason, cause) {
    if (this.isClosed) return;
    // At once, although the source may be dispatching another state now, and dispatches this one after that.
    this.enterEnd(reason, cause);
    if (!this.#over) {
      this.#handle.close();
      return;
    }
    this.tell();
    this.#end();
  }

  reconnect() {
    this.#handle?.reconnect();
  }

  leaveEnded() {
    const id = this.behind === undefined ? this.lastEventId : this.arrivedId;
    const left = { url: this.#url, settings: reopened(this.#settings, this.#cut ?? id) };
    super.leaveEnded();
    return left;
  }

  list(...given) {
    return this.#handle.list(...given);
  }

  /** `id` is there where it may be another than the event's own. */
  #receive(number, raw, id) {
    if (this.isClosed) return;
    const { type } = raw;
    const dispatched = this.#isDispatched(type);
    if (dispatched && this.#settings.decode === undefined) {
      this.#bring(new OwnMessageEvent(type, id === undefined ? raw : withId(raw, id), this.#count), number);
      return;
    }
    const { data, lastEventId, origin } = raw;
    this.#count(data);
    const message = this.#decoded({ type, data, lastEventId: id ?? lastEventId, origin });
    this.#bring(dispatched ? new OwnMessageEvent(type, message) : message, number);
  }

  /** The message, or one with the data that the page's decoder returns. */
  #decoded(message) {
    const { decode } = this.#settings;
    return decode === undefined ? message : decoded(message, decode);
  }

  /** Counts only data that is read of the browser's own messages, because reading it costs more than everything else. */
  #count = (data) => {
    if (typeof data === 'string') this.#length += data.length;
  };

  /**
   * Passes a message to the iterators, and to listeners if it is an event; returns the promises of those iterators that the source has to
   * wait for.
   */
  #bring(message, number) {
    const waits = this.arrive(message, this.#before + number);
    if (message instanceof Event) this.dispatchMessage(message);
    return waits;
  }

  /** If only iterators take messages of a type, and no listener was added, no events are dispatched for them. */
  #isDispatched(type) {
    return this.#listenedTypes.has(type) || this.isHeardAlways || !this.iterates(type);
  }

  #deliver(batch) {
    if (this.isClosed) return;
    this.#inbox.push(batch);
    this.#waitingCount += batch.size;
    this.#take();
  }

  /** How many more messages can be taken before the slowest reader takes some. */
  #room() {
    const room = this.iterators.reduce((least, iterator) => Math.min(least, iterator.room), MOST);
    return Math.max(0, room - this.#waitingCount);
  }

  /** Calls `call` after everything that has arrived before it. */
  #inTurn(call) {
    if (this.#inbox.length === 0 && !this.#settling) {
      call();
    } else {
      this.#inbox.push(call);
      this.#take();
    }
  }

  #take() {
    if (this.#taking) return;
    this.#taking = true;
    // Tasks are expensive in WebKit, and only dispatched messages need tasks of their own.
    if (this.#isNextDispatched) takeTurns(() => this.#turn());
    else queueMicrotask(() => this.#takeUndispatched());
  }

  /** Whether what is first in the inbox is to be dispatched. */
  get #isNextDispatched() {
    const [first] = this.#inbox;
    return first !== undefined && (typeof first === 'function' || this.#isDispatched(this.#names[first.type]));
  }

  /** Gives the iterators all up to what is dispatched, or up to what fills one of them. */
  #takeUndispatched() {
    while (this.#inbox.length > 0) {
      // The reader of a full iterator may take some messages before the next turn. And a long backlog must not block the page: reading it
      // continues in microtasks only.
      if (this.#isNextDispatched || this.someFilled || this.#taken >= MOST) {
        takeTurns(() => this.#turn());
        return;
      }
      const waits = this.#takeOf(this.#inbox[0]);
      if (waits !== undefined) {
        this.#takeOnAfter(waits);
        return;
      }
    }
    this.#taking = false;
    if (this.#waitsForRoom || this.#waitsForDispatch) takeTurns(() => this.#tellRoom());
  }

  /** Dispatches one message, gives the iterators some that only they take, or tells one state. Whether there is more to do. */
  #turn() {
    const first = this.#inbox[0];
    let waits;
    if (typeof first === 'function') {
      this.#inbox.shift();
      first();
    } else if (first !== undefined) {
      waits = this.#takeOf(first);
    }
    // The microtasks of the last dispatch run before anything else is reported.
    this.#settling = first !== undefined && waits === undefined && this.#inbox.length === 0;
    const more = this.#inbox.length > 0 || this.#settling;
    if (this.#taken >= MANY || (!more && (this.#taken > 0 || this.#waitsForDispatch))) this.#tellRoom();
    if (more && waits === undefined) return true;
    if (waits === undefined) this.#taking = false;
    else this.#takeOnAfter(waits);
    return false;
  }

  /**
   * Takes a message that is dispatched; or those of a type that only iterators take, up to one that fills an iterator. Returns
   * the promises of those iterators that are to be waited for.
   */
  #takeOf(batch) {
    const kind = batch.type;
    const type = this.#names[kind];
    let { number } = batch;
    if (this.#isDispatched(type)) return this.#bring(new OwnMessageEvent(type, this.#decoded(this.#takeNext(batch, type))), number);
    let waits;
    do {
      number = batch.number;
      waits = this.arrive(this.#decoded(this.#takeNext(batch, type)), this.#before + number);
    } while (waits === undefined && batch.size > 0 && batch.type === kind && !this.someFilled);
    return waits;
  }

  #takeNext(batch, type) {
    const message = batch.take(type, this.#id);
    if (batch.size === 0) this.#inbox.shift();
    this.#waitingCount -= 1;
    this.#taken += 1;
    this.#id = message.lastEventId;
    return message;
  }

  /**
   * Continues in a task, when these readers have room again and have taken all that they want: adding a message whenever one has been read
   * would cost far more.
   */
  #takeOnAfter(waits) {
    this.#held = true;
    if (this.#waitsForDispatch) takeTurns(() => this.#tellRoom());
    const takeOn = () => {
      this.#held = false;
      this.#taking = false;
      if (this.#inbox.length > 0) this.#take();
      return this.#tellRoom();
    };
    Promise.all(waits).then(() => takeTurns(takeOn));
  }

  /** Tells WebAssembly that there is room. Nothing more is to be done in this turn. */
  #tellRoom() {
    this.#taken = 0;
    this.#waitsForDispatch = false;
    this.#handle?.madeRoom();
    return false;
  }

  /** Whether someone here would take more now. */
  #wantsMore() {
    return this.isHeardAlways || [...this.#listenedTypes].some((type) => !this.isOwnEvent(type)) || this.iterators.some(({ wantsMore }) => wantsMore);
  }

  /** Stops waiting for iterators that have not been read for seconds. */
  #excuse() {
    for (const iterator of this.iterators) if (iterator.isFull) iterator.excuse();
  }

  #behind() {
    // No reader has taken the messages that are still in a batch.
    const behind = this.behind ?? (this.#waitingCount > 0 ? this.newest : undefined);
    return behind && [Math.max(0, behind.number - this.#before), behind.message.lastEventId];
  }

  #change(state) {
    const before = this.state;
    if (!this.isClosed) this.enter(state);
    // Closed by `close()`: nothing that arrived before is reported any more, nor why the source might have ended by itself.
    else if (state.name !== 'closed') return;
    const now = this.state;
    if (now.name === 'open') {
      // The same state is dispatched again when the source has another role in sharing.
      if (before.name !== 'open') this.dispatch(new Event('open'));
    } else if (isFailure(before, now)) {
      this.dispatch(new Event('error'));
    }
    // If a listener has closed the source, that is dispatched next.
    if (this.state === now) this.tell();
    // Everything that arrived after this state has been dropped.
    if (this.#over && this.isClosed) this.#end();
  }

  enter(state) {
    if (state.name === 'closed') {
      if (this.#waitingCount > 0) this.#cut = this.newest.message.lastEventId;
      this.#inbox = [];
      this.#waitingCount = 0;
    }
    this.#readyState = numberOf(state);
    super.enter(state);
  }

  /** Dispatched like a server's gap event, but without data. It is not a message, so iterators do not get it. */
  #tellMissed() {
    const { gapEvent } = this.#settings;
    this.dispatch(new OwnMessageEvent(gapEvent ?? 'gap', { data: '', lastEventId: this.lastEventId, origin: '' }));
  }

  #end() {
    const handle = this.#handle;
    if (handle === undefined) return;
    const { lastEventId, stats } = handle;
    // Read once more before the handle is released.
    void this.response;
    const at = performance.now();
    const aged = (age) => (age === null ? null : age + performance.now() - at);
    this.#last = {
      lastEventId,
      statsNow: () => ({ ...stats, lastMessageAge: aged(stats.lastMessageAge), lastActivityAge: aged(stats.lastActivityAge) }),
    };
    this.#handle = undefined;
    // The source may have been ended by a call of the handle.
    queueMicrotask(() => handle.free());
  }
};

/** An event's members, with another id. */
const withId = (event, lastEventId) => ({
  lastEventId,
  get data() {
    return event.data;
  },
  get origin() {
    return event.origin;
  },
});

/** What WebAssembly calls when it starts; `shares` tells whether it can share connections. */
export function install(opener, shares) {
  const CoreEngine = defineCoreEngine();
  provide({ opener, makeEngine: (pending) => new CoreEngine(opener, pending), shares });
}
