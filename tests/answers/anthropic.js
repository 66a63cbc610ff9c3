// Anthropic's messages: named events whose data repeats the name as `type`; `message_stop` is the last. `ping` may come
// anywhere, so may names that a client does not know, and `error` ends an answer in mid-stream.

import { answer } from './faults.js';
import { event } from './play.js';
import { calls, length, text, thoughts, tokens } from './text.js';

const named = (type, members) => event({ type, data: { type, ...members } });

const message = (members) => ({
  id: 'msg_answers', type: 'message', role: 'assistant', model: 'claude-answers', content: [], stop_reason: null, stop_sequence: null, ...members,
});

/** A block of content: its start, its deltas, its end. */
function* block(index, content_block, deltas) {
  yield named('content_block_start', { index, content_block });
  for (const delta of deltas) yield named('content_block_delta', { index, delta });
  yield named('content_block_stop', { index });
}

function* words(index, repeat) {
  yield* block(index, { type: 'text', text: '' }, textDeltas(repeat));
}

function* textDeltas(repeat) {
  for (const text of tokens(repeat)) yield { type: 'text_delta', text };
}

/** All of an answer but `message_stop`, a ping after its first block has begun. */
function* events(blocks, stop_reason, output_tokens) {
  yield named('message_start', { message: message({ usage: { input_tokens: 9, output_tokens: 1 } }) });
  let pinged = false;
  for (const frame of blocks) {
    yield frame;
    if (!pinged) yield named('ping', {});
    pinged = true;
  }
  yield named('message_delta', { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens } });
}

function* thinking(repeat) {
  yield* block(0, { type: 'thinking', thinking: '', signature: '' }, [
    ...thoughts.map((thinking) => ({ type: 'thinking_delta', thinking })),
    { type: 'signature_delta', signature: 'c2lnbmVk' },
  ]);
  yield* words(1, repeat);
}

function* tools() {
  yield* words(0, 1);
  for (const [index, { id, name, pieces }] of calls.entries()) {
    // The first piece of a tool's input is empty.
    const deltas = ['', ...pieces].map((partial_json) => ({ type: 'input_json_delta', partial_json }));
    yield* block(index + 1, { type: 'tool_use', id: `toolu_${id}`, name, input: {} }, deltas);
  }
}

/** Events of names that nobody knows, among those that one does. */
function* strange(frames) {
  let n = 0;
  for (const frame of frames) {
    yield frame;
    if (n % 3 === 0) yield named(n % 2 === 0 ? 'message_mood' : 'content_block_hint', { n });
    n += 1;
  }
}

const types = {
  401: 'authentication_error', 404: 'not_found_error', 413: 'request_too_large', 429: 'rate_limit_error', 500: 'api_error', 503: 'api_error',
  529: 'overloaded_error',
};

const protocol = {
  name: 'anthropic',
  done: named('message_stop', {}),
  kinds: {
    plain: ({ repeat }) => events(words(0, repeat), 'end_turn', length(repeat)),
    thinking: ({ repeat }) => events(thinking(repeat), 'end_turn', length(repeat)),
    tools: () => events(tools(), 'tool_use', 50),
    unknown: ({ repeat }) => events(strange(words(0, repeat)), 'end_turn', length(repeat)),
  },
  refuse({ request, body }) {
    if (!request.headers['content-type']?.startsWith('application/json')) return [400, 'content-type: has to be application/json'];
    if (typeof body !== 'object' || body === null) return [400, 'The request\'s body is not valid JSON.'];
    if (typeof body.model !== 'string') return [400, 'model: Field required'];
    if (!Number.isInteger(body.max_tokens)) return [400, 'max_tokens: Field required'];
    if (!Array.isArray(body.messages)) return [400, 'messages: Field required'];
    return undefined;
  },
  unauthorized(headers, token) {
    if (headers['anthropic-version'] === undefined) return [400, 'anthropic-version: header is required'];
    return headers['x-api-key'] === token || headers.authorization === `Bearer ${token}` ? undefined : [401, 'invalid x-api-key'];
  },
  error: (status, message) => ({ type: 'error', error: { type: types[status] ?? 'invalid_request_error', message } }),
  failure: () => event({ type: 'error', data: protocol.error(529, 'Overloaded') }),
  whole: () => message({ content: [{ type: 'text', text }], stop_reason: 'end_turn', usage: { input_tokens: 9, output_tokens: length(1) } }),
  headers: (id) => ({ 'request-id': id }),
};

export const anthropic = (exchange, [names], parse) => answer(protocol, exchange, names, parse);
