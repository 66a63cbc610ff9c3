// A chat's answer that outlives its connections, as the AI SDK's chats have it: unnamed events of JSON parts, `finish`, then
// `[DONE]`. The SDK asks with `POST {api}` and a body with the chat's id, and resumes with `GET {api}/{id}/stream`, where 204
// says that there is nothing to resume. Its own servers send no ids and replay from the beginning; these send ids, and go on
// after `Last-Event-ID`.

import { number, numbers, oneOf, Refusal } from './parameters.js';
import { event, play, shape } from './play.js';
import { tokens } from './text.js';

const HEADERS = { 'x-vercel-ai-ui-message-stream': 'v1', 'x-accel-buffering': 'no' };
const MOST_ANSWERS = 20;

const parameters = {
  ...shape,
  repeat: number(1, 1000, 1),
  /** Between two parts of the answer. */
  pace: number(0, 60_000, 20),
  /** After how many events the answer's first connection breaks, its second, and so on. */
  break: numbers([]),
  ids: oneOf('yes', 'no'),
  /** For how long an answer can be resumed that is over. */
  keep: number(0, 600_000, 0),
};

function* parts(messageId, repeat) {
  yield { type: 'start', messageId };
  yield { type: 'start-step' };
  yield { type: 'text-start', id: 'text-1' };
  for (const delta of tokens(repeat)) yield { type: 'text-delta', id: 'text-1', delta };
  yield { type: 'text-end', id: 'text-1' };
  yield { type: 'finish-step' };
  yield { type: 'finish' };
}

/** An answer that is being made, whether or not anyone listens. */
class Answer {
  #events = [];
  #changed = withResolvers();
  replaced = false;
  over = false;
  overAt = 0;
  connections = 0;

  constructor(number, query) {
    this.number = number;
    this.query = query;
  }

  async make(exchange) {
    const { known } = exchange;
    for (const part of parts(`msg-${this.number}`, this.query.repeat)) {
      this.#add(part);
      if (this.query.pace > 0) await new Promise((resolve) => { setTimeout(resolve, this.query.pace); });
      if (known.forgotten) this.replace();
      if (this.replaced) return;
    }
    this.over = true;
    this.overAt = Date.now();
    this.#add('[DONE]');
  }

  /** The chat has a newer answer, or is forgotten. */
  replace() {
    this.replaced = true;
    this.#changed.resolve();
  }

  #add(data) {
    const id = this.query.ids === 'yes' ? `${this.number}-${this.#events.length + 1}` : undefined;
    this.#events.push(event({ id, data }));
    this.#changed.resolve();
    this.#changed = withResolvers();
  }

  /** The index of the event after one with this id; without ids, or with another answer's, it is the first. */
  after(id) {
    if (this.query.ids === 'no') return 0;
    const [, number, n] = /^(\d+)-(\d+)$/.exec(id ?? '') ?? [];
    return Number(number) === this.number && Number(n) <= this.#events.length ? Number(n) : 0;
  }

  /** Whether there is anything for who has all before this index. */
  has(index) {
    if (!this.over) return true;
    return index < this.#events.length && Date.now() - this.overAt < this.query.keep;
  }

  async* from(index, most) {
    for (let n = index, sent = 0; ; n += 1, sent += 1) {
      while (n >= this.#events.length) {
        if (this.over || this.replaced) return;
        // Taken first: the answer goes on while what there is gets sent.
        const { promise } = this.#changed;
        yield { flush: true };
        await promise;
      }
      if (sent === most) {
        yield { cut: this.#events[n] };
        return;
      }
      yield this.#events[n];
    }
  }
}

/** Node 20 has no `Promise.withResolvers`. */
function withResolvers() {
  let resolve;
  const promise = new Promise((settle) => { resolve = settle; });
  return { promise, resolve };
}

function send(exchange, answer, index, query) {
  const most = answer.query.break[answer.connections];
  answer.connections += 1;
  return play(exchange, answer.from(index, most), query, HEADERS);
}

export async function chat(exchange, [id, last], parse) {
  const query = parse(parameters);
  const { answers } = exchange.known;
  const { method, headers } = exchange.request;

  if (id === undefined) {
    if (method !== 'POST') throw new Refusal(405, 'An answer is asked for with POST.', { allow: 'POST' });
    const wanted = exchange.body?.id;
    if (typeof wanted !== 'string' || !/^[\w.-]{1,100}$/.test(wanted)) {
      throw new Refusal(400, 'The body has to be JSON with an `id`: letters, digits, ".", "-", "_".');
    }
    const before = answers.get(wanted);
    before?.replace();
    const answer = new Answer((before?.number ?? 0) + 1, query);
    answers.delete(wanted);
    answers.set(wanted, answer);
    if (answers.size > MOST_ANSWERS) {
      const [[oldest, dropped]] = answers;
      dropped.replace();
      answers.delete(oldest);
    }
    answer.make(exchange);
    return send(exchange, answer, 0, query);
  }

  if (last !== 'stream') throw new Refusal(404, 'There are /chat and /chat/ID/stream.');
  if (method !== 'GET') throw new Refusal(405, 'An answer is resumed with GET.', { allow: 'GET' });
  const answer = answers.get(id);
  const index = answer?.after(headers['last-event-id'] ?? query.lastEventId) ?? 0;
  if (answer === undefined || !answer.has(index)) return exchange.response.writeHead(204).end();
  return send(exchange, answer, index, query);
}
