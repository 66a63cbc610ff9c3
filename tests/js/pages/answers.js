// Clients of LLMs, MCP and GraphQL, in a page.

import init, { EventSource } from '../eventsource_wasm.js';

import { cases } from './answer_cases.js';
import { answers, assert, same, test, token, until } from './harness.js';

await init();

for (const { name, run } of cases(EventSource, answers, { assert, same, token, until })) test(name, run);
