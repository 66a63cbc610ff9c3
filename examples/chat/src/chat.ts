// The conversation, and the source of the answer that is being given. Knows nothing of React: `subscribe` and `messages` are all that it,
// or another framework, needs to show it.

import { EventSource, type SourceError, type SourceState } from 'eventsource-wasm';

export interface Message {
  readonly id: string;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly status: 'answering' | 'done' | 'stopped' | 'failed';
  /** Why the answer waits, or has failed; `''` when all is well. */
  readonly problem: string;
}

/** What can go wrong on command; see server.mjs. */
export type Fault = '' | 'busy' | 'break' | 'error' | 'down';

/** The data of an event, as the AI SDK has it. There are more types, which don't matter here. */
type Part =
  | { readonly type: 'start' | 'abort' }
  | { readonly type: 'text-delta'; readonly delta: string }
  | { readonly type: 'error'; readonly errorText: string };

/** Where the page keeps the conversation over a reload. */
const KEY = 'chat';

export class Chat {
  #messages: readonly Message[] = JSON.parse(sessionStorage.getItem(KEY) ?? '[]');
  #source: EventSource | undefined;
  readonly #listeners = new Set<() => void>();

  constructor() {
    // When the page goes, the package keeps the place in the stream (`resumeAfterReload`), and this the text up to that place. Mobile
    // browsers may end a hidden page without a word.
    addEventListener('pagehide', this.#keep);
    document.addEventListener('visibilitychange', this.#keep);
    // An answer that was coming goes on. One that had failed is tried again: some browsers break connections before the page goes.
    const last = this.#messages.at(-1);
    if (last?.status === 'answering' || last?.status === 'failed') {
      this.#change(last.id, { status: 'answering', problem: '' });
      void this.#read(last.id);
    }
  }

  /** Calls `listener` when there is something new; gives a function that ends that. */
  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The messages: the same array until something has changed. */
  readonly messages = () => this.#messages;

  /** Asks a question. */
  ask(text: string, fault: Fault = '') {
    this.#begin([...this.#messages, { id: crypto.randomUUID(), role: 'user', text, status: 'done', problem: '' }], fault);
  }

  /** Asks the last question again: for an answer in place of the one that has failed. */
  retry() {
    this.#begin(this.#messages.slice(0, -1), '');
  }

  /** Stops the answer that is being given. What has come of it stays. */
  stop() {
    const last = this.#messages.at(-1);
    if (last?.status !== 'answering') return;
    this.#change(last.id, { status: 'stopped', problem: '' });
    this.#source?.close();
    // The server sees that the reader has left, but not that they won't come back, as after a reload: it would go on for a while.
    fetch(`/chat/${last.id}`, { method: 'DELETE' }).catch(() => {});
  }

  /** Begins another conversation. */
  clear() {
    this.stop();
    this.#show([]);
  }

  #begin(messages: readonly Message[], fault: Fault) {
    const id = crypto.randomUUID();
    this.#show([...messages, { id, role: 'assistant', text: '', status: 'answering', problem: '' }]);
    void this.#read(id, fault);
  }

  /** Reads an answer to its end: from its beginning, or after a reload from where the page was. */
  async #read(id: string, fault: Fault = '') {
    const messages = this.#messages.slice(0, -1).map(({ role, text }) => ({ role, content: text }));
    const source = new EventSource('/chat', {
      transport: 'fetch',
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ id, messages, fault }),
      // With this the answer is complete. One that ends without it has broken off.
      endData: '[DONE]',
      // A server that is busy is asked again, when it wants to be (Retry-After), up to four times.
      reconnect: { maxDelay: 4_000, maxAttempts: 4 },
      // What has begun is not asked for a second time, which would be another answer, and paid for. It goes on with this GET, which
      // has the id of the last event that came (Last-Event-ID).
      resume: () => `/chat/${id}/stream`,
      resumeAfterReload: id,
    });
    this.#source = source;
    source.addEventListener('statechange', ({ detail }) => this.#follow(id, detail));
    try {
      // All parts that have come since the last animation frame are one change, and one render.
      for await (const parts of source.messages('message', { batch: 'frame' }).json<Part>()) this.#take(id, parts);
      // Unless the reader, or the server, has said that it ended in another way.
      if (this.#find(id)?.status === 'answering') this.#change(id, { status: 'done' });
    } catch (error) {
      this.#change(id, { status: 'failed', problem: textOf(error as SourceError) });
    } finally {
      // Also where what came was no JSON: that ends the loop, and not the source.
      source.close();
    }
  }

  #follow(id: string, state: SourceState) {
    if (state.name === 'open') this.#change(id, { problem: '' });
    if (state.name === 'paused' && state.reason === 'offline') this.#change(id, { problem: 'You are offline.' });
    if (state.name === 'waiting') {
      this.#change(id, { problem: `${textOf(state.cause)} Trying again in ${Math.ceil((state.delay ?? 0) / 1000)} s.` });
    }
  }

  #take(id: string, parts: readonly Part[]) {
    const before = this.#find(id);
    if (before === undefined) return;
    let { text, status, problem } = before;
    for (const part of parts) {
      // An answer that begins anew, because the server could not go on with it, takes the place of what there was.
      if (part.type === 'start') text = '';
      if (part.type === 'text-delta') text += part.delta;
      if (part.type === 'abort') status = 'stopped';
      if (part.type === 'error') [status, problem] = ['failed', part.errorText];
    }
    this.#change(id, { text, status, problem });
  }

  #find(id: string) {
    return this.#messages.find((message) => message.id === id);
  }

  #change(id: string, change: Partial<Message>) {
    this.#show(this.#messages.map((message) => (message.id === id ? { ...message, ...change } : message)));
  }

  #show(messages: readonly Message[]) {
    this.#messages = messages;
    for (const listener of this.#listeners) listener();
  }

  readonly #keep = () => sessionStorage.setItem(KEY, JSON.stringify(this.#messages));
}

/** What the server has said of it, or else what the package says. */
function textOf(error: SourceError): string {
  return error.name === 'StatusError' && error.body !== '' ? error.body : error.message;
}
