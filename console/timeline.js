// The states that a source has been in, with their causes.

/** How many of the newest states are kept. */
const MOST = 500;

export class Timeline {
  /** `{ number, time, state, response }`, oldest first; `response` is `null` unless the state is open and the response known. */
  entries = [];
  #count = 0;
  attempts = 0;

  add(time, state, response = null) {
    if (state.name === 'connecting') this.attempts += 1;
    const answer = state.name === 'open' && response ? { status: response.status, url: response.url, headers: [...response.headers] } : null;
    this.entries.push({ number: this.#count, time, state, response: answer });
    this.#count += 1;
    if (this.entries.length > MOST) this.entries.shift();
  }

  /** The attempts of the kept states, oldest first: `{ began, isOpen, status, headers }`; an unknown status is `null`. */
  get attemptsKept() {
    const kept = [];
    for (const { time, state, response } of this.entries) {
      // The browser's own `EventSource` reconnects without a `connecting` state of its own.
      const isAnother = state.name === 'connecting' || (state.name === 'open' && kept.at(-1)?.isOpen);
      if (isAnother || kept.length === 0) kept.push({ began: time, isOpen: false, status: null, headers: [] });
      const last = kept.at(-1);
      if (state.name === 'open') last.isOpen = true;
      if (response !== null) Object.assign(last, { status: response.status, headers: response.headers });
      last.status ??= state.cause?.status ?? null;
    }
    return kept;
  }

  /** The newest response. */
  get response() {
    return this.entries.findLast(({ response }) => response !== null)?.response ?? null;
  }
}

/** The details of a state, in words. */
export function explain({ state, response }) {
  const parts = [];
  if (state.attempt !== undefined) parts.push(`attempt ${state.attempt}`);
  if (response) parts.push(`status ${response.status}`);
  const { cause } = state;
  if (cause) {
    if (cause.status !== undefined) parts.push(`status ${cause.status}`);
    if (cause.retryAfter) parts.push(`Retry-After ${cause.retryAfter} ms`);
  }
  if (state.name === 'waiting') parts.push(state.delay === null ? 'the browser decides when' : `waits ${Math.round(state.delay)} ms`);
  if (state.reason) parts.push(state.reason);
  if (cause) parts.push(cause.message ?? String(cause));
  return parts.join(' · ');
}
