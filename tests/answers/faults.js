// Scenarios that the protocols of models have in common: what is answered in place of a stream, and where a stream goes wrong.
//
// A protocol is an object with
//   name, done                 for messages; the text of the event that ends an answer
//   kinds                      by name, generators of the events of an answer without `done`
//   refuse(body, headers)      what is wrong with a request, as [status, error], or undefined
//   unauthorized(headers, token)  the same, for the scenario `auth`
//   error(status, message)     an error's JSON
//   failure()                  the text of an error's event
//   whole(body)                the answer to who wants no stream
//   headers(id)                headers of every answer

import { number, oneOf, Refusal, word } from './parameters.js';
import { play, shape } from './play.js';

const parameters = {
  ...shape,
  repeat: number(1, 100_000, 1),
  after: number(0, 1_000_000, undefined),
  times: number(1, 1000, 1),
  status: number(400, 599, undefined),
  'retry-after': word(),
  'retry-after-ms': word(),
  'should-retry': oneOf(undefined, 'true', 'false'),
  size: number(100, 1_000_000, 40 * 1024),
  token: word('sk-test'),
};

/** Where an answer stops that goes wrong, unless the URL says. */
const USUALLY_AFTER = 8;

/** Yields the first `after` events, then hands over to `fault` with the text of the event that would have come next. */
function* until(frames, after, fault) {
  let n = 0;
  for (const frame of frames) {
    if (n >= after) {
      yield* fault(frame);
      return;
    }
    yield frame;
    n += 1;
  }
  yield* fault();
}

/** What goes wrong in the middle of an answer: each is given the event that was next, if there was one. */
const breaks = {
  error: (protocol) => [protocol.failure()],
  cut: (protocol, next) => [{ cut: next ?? protocol.done }],
  ended: () => [],
  stall: () => [{ flush: true }, { hang: true }],
};

const instead = {
  busy({ protocol, exchange, query, headers }) {
    const { status = 429 } = query;
    const advice = ['retry-after', 'retry-after-ms'].filter((name) => query[name] !== undefined).map((name) => [name, query[name]]);
    if (query['should-retry'] !== undefined) advice.push(['x-should-retry', query['should-retry']]);
    exchange.json(status, protocol.error(status, 'There are too many requests.'), { ...headers, ...Object.fromEntries(advice) });
  },
  bad({ protocol, exchange, query, headers }) {
    const { status = 400, size } = query;
    const empty = Buffer.byteLength(JSON.stringify(protocol.error(status, '')));
    const complaint = 'messages.0.content is impossible. ';
    const message = complaint.repeat(Math.ceil(size / complaint.length)).slice(0, Math.max(0, size - empty));
    exchange.json(status, protocol.error(status, message), headers);
  },
  json({ protocol, exchange, headers }) {
    exchange.json(200, protocol.whole(exchange.body), headers);
  },
};

/** The scenario for an attempt: `cut,plain` is cut at first and whole from then on; `busy` is whole after `times`. */
function scenario(protocol, names, { times }, attempt) {
  const known = [...Object.keys(protocol.kinds), ...Object.keys(breaks), ...Object.keys(instead), 'hang', 'late', 'auth'];
  for (const name of names) {
    if (!known.includes(name)) throw new Refusal(404, `${protocol.name} has no scenario "${name}". There are: ${known.join(', ')}.`);
  }
  const plan = names.flatMap((name) => (name === 'busy' ? Array(times).fill(name) : [name]));
  if (plan.at(-1) === 'busy') plan.push('plain');
  return plan[Math.min(attempt, plan.length) - 1];
}

/** Answers a request for `protocol` as the path's scenario says. */
export async function answer(protocol, exchange, names, parse) {
  const query = parse(parameters);
  const { attempt, body, request } = exchange;
  const headers = protocol.headers(`req_${exchange.key}_${attempt}`);
  const name = scenario(protocol, names.split(','), query, attempt);
  const refuse = (problem) => exchange.json(problem[0], protocol.error(...problem), { ...headers, ...problem[2] });

  if (request.method !== 'POST') return refuse([405, `${request.method} is not possible here.`, { allow: 'POST' }]);
  const problem = protocol.refuse(exchange) ?? (name === 'auth' ? protocol.unauthorized(request.headers, query.token) : undefined);
  if (problem !== undefined) return refuse(problem);
  if (Object.hasOwn(instead, name)) return instead[name]({ protocol, exchange, query, headers });
  if (body.stream !== true) return instead.json({ protocol, exchange, headers });

  const { after = USUALLY_AFTER, delay } = query;
  const kind = protocol.kinds[name] ?? protocol.kinds.plain;
  const frames = function* frames() {
    const whole = kind(query, body);
    if (Object.hasOwn(breaks, name)) {
      yield* until(whole, after, (next) => breaks[name](protocol, next));
      return;
    }
    yield* whole;
    yield protocol.done;
    if (name === 'hang') yield* breaks.stall();
  };
  return play(exchange, frames(), { ...query, delay: name === 'late' && delay === 0 ? 1000 : delay }, headers);
}
