// OpenAI's chat completions: unnamed events of JSON, `[DONE]` after the last. An error in mid-stream is an event with `error`.

import { answer } from './faults.js';
import { event } from './play.js';
import { calls, length, text, tokens } from './text.js';

const MODEL = 'gpt-answers';
/** What does not change: when it was made, and by whom. */
const constant = { id: 'chatcmpl-answers', created: 1_760_000_000, model: MODEL, service_tier: 'default', system_fingerprint: 'fp_answers' };

const usage = (count) => ({ prompt_tokens: 9, completion_tokens: count, total_tokens: 9 + count });

/** The events of an answer; when usage is wanted, all have the member and one more, without choices, says it. */
function* chunks(deltas, reason, { counted, count }) {
  const chunk = (choices, used = null) => event({
    data: { ...constant, object: 'chat.completion.chunk', choices, ...(counted ? { usage: used } : {}) },
  });
  const choice = (delta, finish_reason = null) => [{ index: 0, delta, logprobs: null, finish_reason }];
  for (const delta of deltas) yield chunk(choice(delta));
  yield chunk(choice({}, reason));
  if (counted) yield chunk([], usage(count));
}

function* words(repeat) {
  yield { role: 'assistant', content: '', refusal: null };
  for (const content of tokens(repeat)) yield { content };
}

function* toolCalls() {
  yield { role: 'assistant', content: null };
  for (const [index, { id, name, pieces }] of calls.entries()) {
    yield { tool_calls: [{ index, id: `call_${id}`, type: 'function', function: { name, arguments: '' } }] };
    for (const piece of pieces) yield { tool_calls: [{ index, function: { arguments: piece } }] };
  }
}

const counted = (body) => body.stream_options?.include_usage === true;

const types = { 401: 'invalid_request_error', 429: 'requests' };
const codes = { 401: 'invalid_api_key', 429: 'rate_limit_exceeded' };

const protocol = {
  name: 'openai',
  done: event({ data: '[DONE]' }),
  kinds: {
    plain: ({ repeat }, body) => chunks(words(repeat), 'stop', { counted: counted(body), count: length(repeat) }),
    usage: ({ repeat }) => chunks(words(repeat), 'stop', { counted: true, count: length(repeat) }),
    tools: (_, body) => chunks(toolCalls(), 'tool_calls', { counted: counted(body), count: 30 }),
  },
  refuse({ request, body }) {
    if (!request.headers['content-type']?.startsWith('application/json')) return [400, 'The request\'s type has to be application/json.'];
    if (typeof body !== 'object' || body === null) return [400, 'The request\'s body could not be parsed as JSON.'];
    if (typeof body.model !== 'string') return [400, 'You must provide a model.'];
    if (!Array.isArray(body.messages)) return [400, 'You must provide messages.'];
    return undefined;
  },
  unauthorized(headers, token) {
    return headers.authorization === `Bearer ${token}` ? undefined : [401, 'The API key is wrong.'];
  },
  error: (status, message) => ({
    error: { message, type: types[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error'), param: null, code: codes[status] ?? null },
  }),
  failure: () => event({ data: protocol.error(500, 'The server had an error while it answered.') }),
  whole: () => ({
    ...constant,
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: text, refusal: null }, logprobs: null, finish_reason: 'stop' }],
    usage: usage(length(1)),
  }),
  headers: (id) => ({ 'x-request-id': id, 'openai-processing-ms': '12' }),
};

export const openai = (exchange, [names], parse) => answer(protocol, exchange, names, parse);
