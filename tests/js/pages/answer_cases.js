// What clients of LLMs, MCP and GraphQL do with the class, against the servers of tests/answers. For pages and for Node.

/** The cases, for a class; `kit` has the harness's means. */
export function cases(EventSource, answers, { assert, same, until, token }) {
  /** What was asked under a key. */
  const asked = async (key) => (await fetch(`${answers}/asked?key=${key}`)).json();
  const count = async (key) => (await asked(key)).count;

  async function collect(iterator) {
    const seen = [];
    for await (const item of iterator) seen.push(item);
    return seen;
  }

  /** The error that an iterator ends with, and what it gave before. */
  async function failure(iterator) {
    const seen = [];
    try {
      for await (const item of iterator) seen.push(item);
    } catch (error) {
      return [error, seen];
    }
    throw new Error(`it ended without an error after ${seen.length}`);
  }

  const complete = { name: 'closed', reason: 'complete', cause: null };
  /** Soon, but not before the server wants it. */
  const soon = { minDelay: 1, maxDelay: 1 };
  const question = { model: 'm', max_tokens: 9, stream: true, messages: [{ role: 'user', content: 'Why?' }] };

  /** An answer as an application asks for it. */
  function ask(format, scenario, { key = token(), body = question, params = '', headers, ...options } = {}) {
    const source = new EventSource(`${answers}/${format}/${scenario}?key=${key}${params}`, {
      transport: 'fetch',
      method: 'POST',
      headers: headers ?? { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      ...(format === 'openai' ? { endData: '[DONE]' } : { endEvent: 'message_stop' }),
      ...options,
    });
    return { source, key };
  }

  /** What the model says when it is not asked to stream. */
  async function whole(format) {
    const response = await fetch(`${answers}/${format}/plain?key=${token()}`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ ...question, stream: false }),
    });
    const { choices, content } = await response.json();
    return choices?.[0].message.content ?? content[0].text;
  }

  const openaiText = (chunks) => chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
  const anthropicText = (parts) => parts.map(({ delta }) => delta?.text ?? '').join('');

  /** The parts of an answer of Anthropic's, whatever their type. */
  const parts = (source) => source.messages({ all: true }).json();

  const made = [];
  const test = (name, run) => made.push({ name, run });

  test('OpenAI: an answer is read to its mark, and asked for once', async () => {
    const { source, key } = ask('openai', 'plain', { reconnect: soon });
    const chunks = await collect(source.messages().json());
    same([openaiText(chunks), source.state], [await whole('openai'), complete]);
    same([chunks.at(-1).choices[0].finish_reason, source.response.headers.get('x-request-id')], ['stop', `req_${key}_1`]);
    same(await count(key), 1);
  });

  test('OpenAI: the first tokens are there for who comes late', async () => {
    const { source, key } = ask('openai', 'plain');
    await until('all was sent', async () => (await asked(key)).requests[0]?.state === 'ended');
    same(openaiText(await collect(source.messages().json())), await whole('openai'));
  });

  test('OpenAI: a first token that takes long is waited for, and headers are known before', async () => {
    const { source } = ask('openai', 'late', { params: '&delay=300' });
    source.onmessage = () => {};
    await until('it is open', () => source.readyState === 1);
    same([source.response.status, source.stats.messages], [200, 0]);
    await until('it is over', () => source.readyState === 2);
    same(source.state, complete);
  });

  test('OpenAI: tools are called with arguments in pieces, and usage comes without choices', async () => {
    const { source } = ask('openai', 'tools');
    const calls = [];
    for await (const { choices } of source.messages().json()) {
      for (const { index, function: { name, arguments: text } } of choices[0]?.delta.tool_calls ?? []) {
        calls[index] ??= { name, text: '' };
        calls[index].text += text;
      }
    }
    assert(calls.length === 2 && calls.every(({ name, text }) => name.length > 0 && typeof JSON.parse(text) === 'object'));
    const { source: counted } = ask('openai', 'usage');
    const chunks = await collect(counted.messages().json());
    same([chunks.filter(({ choices }) => choices.length === 0).length, counted.state], [1, complete]);
  });

  test('OpenAI: an answer that breaks off is an error, and is not paid for twice', async () => {
    for (const [scenario, params] of [['cut', '&how=reset'], ['cut', '&how=short'], ['ended', ''], ['error', '']]) {
      const { source, key } = ask('openai', scenario, { params, reconnect: soon });
      const [error, chunks] = await failure(source.messages().json());
      same([error.name, source.state.reason], ['DisconnectedError', 'failure'], scenario);
      assert(chunks.length > 0 && (scenario !== 'error' || chunks.at(-1).error !== undefined), scenario);
      same(await count(key), 1, scenario);
    }
  });

  test('OpenAI: a server that hangs after the mark is left', async () => {
    const { source, key } = ask('openai', 'hang');
    same(openaiText(await collect(source.messages().json())), await whole('openai'));
    await until('it was left', async () => (await asked(key)).requests[0].left);
  });

  test('OpenAI: who stops is gone, and it is no error', async () => {
    const { source, key } = ask('openai', 'stall');
    for await (const chunk of source) {
      void chunk;
      break;
    }
    same(source.state, { name: 'closed', reason: 'close', cause: null });
    await until('it was left', async () => (await asked(key)).requests[0].left);
    const controller = new AbortController();
    const aborted = ask('openai', 'stall', { signal: controller.signal });
    const messages = aborted.source.messages();
    await messages.next();
    controller.abort('enough');
    await collect(messages);
    same(aborted.source.state, { name: 'closed', reason: 'abort', cause: 'enough' });
    await until('it was left', async () => (await asked(aborted.key)).requests[0].left);
  });

  test('OpenAI: a busy server is asked again when it wants to be', async () => {
    for (const status of [429, 503]) {
      const { source, key } = ask('openai', 'busy', { params: `&times=2&status=${status}&retry-after=0`, reconnect: soon });
      same([openaiText(await collect(source.messages().json())), source.state], [await whole('openai'), complete]);
      const { requests } = await asked(key);
      same(requests.map((request) => [request.status, request.body.messages[0].content]), [[status, 'Why?'], [status, 'Why?'], [200, 'Why?']]);
    }
    const { source, key } = ask('openai', 'busy');
    const [error] = await failure(source.messages());
    same([error.name, error.status, await count(key)], ['StatusError', 429, 1], 'without a policy once');
  });

  test('OpenAI: what a server refuses for good is told with its words, and not repeated', async () => {
    const { source, key } = ask('openai', 'bad', { reconnect: soon });
    const [error] = await failure(source.messages());
    same([error.name, error.status, error.body.length, error.bodyTruncated], ['StatusError', 400, 16384, true]);
    const { source: json, key: other } = ask('openai', 'json', { reconnect: soon });
    const [wrong] = await failure(json.messages());
    same([wrong.name, wrong.status, JSON.parse(wrong.body).object], ['ContentTypeError', 200, 'chat.completion']);
    same([await count(key), await count(other)], [1, 1]);
  });

  test('OpenAI: a key that has expired is renewed once', async () => {
    const { source, key } = ask('openai', 'auth', {
      params: '&token=fresh',
      headers: ({ rejected }) => ({ 'Content-Type': 'application/json', Authorization: `Bearer ${rejected ? 'fresh' : 'stale'}` }),
    });
    same(openaiText(await collect(source.messages().json())), await whole('openai'));
    same((await asked(key)).requests.map(({ status }) => status), [401, 200]);
  });

  test('Anthropic: named events are read to message_stop, pings and unknown ones among them', async () => {
    const { source, key } = ask('anthropic', 'plain', { reconnect: soon });
    same([anthropicText(await collect(parts(source))), source.state], [await whole('anthropic'), complete]);
    same(await count(key), 1);
    const { source: unknown } = ask('anthropic', 'unknown');
    const types = (await collect(unknown.messages({ all: true }))).map(({ type }) => type);
    for (const type of ['message_start', 'ping', 'message_mood', 'content_block_hint', 'message_delta', 'message_stop']) assert(types.includes(type), type);
  });

  test('Anthropic: listeners of a type hear their part', async () => {
    const { source } = ask('anthropic', 'thinking');
    const heard = { text_delta: '', thinking_delta: '' };
    source.addEventListener('content_block_delta', ({ data }) => {
      const { delta } = JSON.parse(data);
      if (delta.type in heard) heard[delta.type] += delta.text ?? delta.thinking;
    });
    let stopped = 0;
    source.addEventListener('message_stop', () => { stopped += 1; });
    await until('it is over', () => source.readyState === 2);
    same([source.state, stopped, heard.text_delta], [complete, 1, await whole('anthropic')]);
    assert(heard.thinking_delta.length > 0);
  });

  test('Anthropic: an error in mid-stream is a message, and no end', async () => {
    const { source, key } = ask('anthropic', 'error', { reconnect: soon });
    const [error, seen] = await failure(source.messages({ all: true }));
    same([error.name, seen.at(-1).type, JSON.parse(seen.at(-1).data).error.type], ['DisconnectedError', 'error', 'overloaded_error']);
    same(await count(key), 1);
  });

  test('Anthropic: busy, then broken, then whole: asked again only where that is wanted', async () => {
    const { source, key } = ask('anthropic', 'busy,cut,plain', { params: '&status=529&how=reset', reconnect: soon, resend: true });
    const seen = await collect(parts(source));
    same([source.state, await count(key)], [complete, 3]);
    const last = seen.findLastIndex(({ type }) => type === 'message_start');
    same([seen.slice(0, last).some(({ type }) => type === 'message_start'), anthropicText(seen.slice(last))], [true, await whole('anthropic')]);
  });

  /** A chat as the AI SDK has it: a POST starts an answer, a GET goes on with it. */
  function chat({ id = token(), params = '', key = token(), ...options } = {}) {
    const source = new EventSource(`${answers}/chat?key=${key}&pace=5${params}`, {
      transport: 'fetch',
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ id, messages: [] }),
      endData: '[DONE]',
      reconnect: soon,
      resume: () => `${answers}/chat/${id}/stream?key=${key}&how=reset`,
      ...options,
    });
    return { source, key, id };
  }

  test('a chat goes on where it broke, by GET, and nothing comes twice', async () => {
    const { source, key } = chat({ params: '&break=4,3&how=reset&keep=9000' });
    const ids = [];
    for await (const { lastEventId } of source.messages()) ids.push(lastEventId);
    same([ids, source.state], [Array.from({ length: 25 }, (_, n) => `1-${n + 1}`), complete]);
    const { requests } = await asked(key);
    same(requests.map(({ method, headers }) => [method, headers['last-event-id']]), [['POST', undefined], ['GET', '1-4'], ['GET', '1-7']]);
    same(requests.every(({ method, body }) => (method === 'POST') === (body?.id !== undefined)), true);
  });

  test('a chat that was over before it could be resumed is complete', async () => {
    const { id, key, source } = chat();
    await collect(source.messages());
    const late = new EventSource(`${answers}/chat?key=${key}`, {
      transport: 'fetch', method: 'POST', reconnect: soon, resume: () => `${answers}/chat/${id}/stream?key=${key}`,
      fetch: (url, init) => (init.method === 'GET' ? fetch(url, init) : brokenAnswer()),
    });
    same([await collect(late.messages()), late.state], [[], complete]);
    same((await asked(key)).requests.map(({ method, status }) => [method, status]), [['POST', 200], ['GET', 204]]);
  });

  const brokenAnswer = () => new Response(new ReadableStream({ pull: (controller) => controller.error(new Error('lost')) }),
    { headers: { 'content-type': 'text/event-stream' } });

  const VERSION = '2025-11-25';

  /** A session of MCP's. */
  async function session(params = '') {
    const key = token();
    const url = `${answers}/mcp?key=${key}${params}`;
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' };
    const post = (message) => fetch(url, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', ...message }) });
    const opened = await post({ id: 0, method: 'initialize', params: { protocolVersion: VERSION, capabilities: {}, clientInfo: { name: 'tests', version: '1' } } });
    headers['Mcp-Session-Id'] = opened.headers.get('Mcp-Session-Id');
    headers['Mcp-Protocol-Version'] = VERSION;
    await opened.text();
    await post({ method: 'notifications/initialized' });
    /** Calls a tool; gives the messages of the answer, to the one that is the result. */
    const call = async (id, name, input) => {
      const source = new EventSource(url, {
        transport: 'fetch',
        method: 'POST',
        headers,
        body: JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: input, _meta: { progressToken: id } } }),
        reconnect: soon,
        resume: ({ lastEventId }) => (lastEventId === '' ? null : {}),
        // The first event has an id, and nothing to say.
        decode: (data) => (data === '' ? undefined : JSON.parse(data)),
        endEvent: ({ data }) => data !== '' && JSON.parse(data).id === id,
      });
      const seen = (await collect(source.messages())).map(({ data }) => data).filter((message) => message !== undefined);
      same(source.state, complete);
      return seen;
    };
    return { key, call };
  }

  test('MCP: a tool is called, and the server may end the stream in the middle', async () => {
    const { key, call } = await session();
    same((await call(1, 'echo', { text: '水' })).at(-1).result.content[0].text, '水');
    const seen = await call(2, 'slow', { steps: 5, end: [2, 4] });
    same(seen.slice(0, -1).map(({ params }) => params.progress), [1, 2, 3, 4, 5]);
    const { requests } = await asked(key);
    const calls = requests.filter(({ body }) => body?.method === 'tools/call');
    same(calls.map(({ body }) => body.params.name), ['echo', 'slow'], 'each tool is called once');
    const resumed = requests.filter(({ method, status }) => method === 'GET' && status === 200);
    assert(resumed.length >= 1 && resumed.every(({ headers }) => headers['last-event-id'] !== undefined), 'it goes on by GET');
  });

  test('MCP: a connection that breaks is gone on with, and no tool is called twice', async () => {
    for (const how of ['reset', 'short']) {
      const { key, call } = await session();
      const seen = await call(1, 'break', { steps: 4, after: 2, how });
      same([seen.slice(0, -1).map(({ params }) => params.progress), seen.at(-1).id], [[1, 2, 3, 4], 1], how);
      same((await asked(key)).requests.filter(({ body }) => body?.method === 'tools/call').length, 1);
    }
  });

  /** An operation of GraphQL's, in distinct connections mode. */
  function operation(query, { params = '', key = token(), ...options } = {}) {
    const source = new EventSource(`${answers}/graphql?key=${key}${params}`, {
      transport: 'fetch', method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ query }), endEvent: 'complete', reconnect: soon, ...options,
    });
    return { source, key };
  }

  test('GraphQL: a subscription ends with complete', async () => {
    const { source, key } = operation('subscription { countdown(from: 3, pause: 5) }');
    const values = (await collect(source.messages('next').json())).map(({ data }) => data.countdown);
    same([values, source.state, await count(key)], [[3, 2, 1, 0], complete, 1]);
    const { source: query } = operation('{ hello(name: "世界") }');
    const [{ data }] = await collect(query.messages('next').json());
    assert(data.hello.includes('世界'), data.hello);
  });

  test('GraphQL: one that breaks is subscribed to again only where that is said', async () => {
    const { source, key } = operation('subscription { countdown(from: 3, pause: 5) }', { params: '&break=2&how=reset' });
    const [error, values] = await failure(source.messages('next'));
    same([error.name, values.length, await count(key)], ['DisconnectedError', 2, 1]);
  });

  return made;
}
