// A graphql-sse server with a subscription that is made again from where its client was: `node graphql-sse.js PORT`.
// The protocol has no ids: what a client has is told by the data, and asked for by a variable.

import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const require = createRequire(new URL('../answers/', import.meta.url));
const { buildSchema } = require('graphql');
const { createHandler } = require('graphql-sse/lib/use/http');

const schema = buildSchema(`
  type Query { hello: String }
  type Subscription { numbers(from: Int = 0, to: Int = 40, oldest: Int = 0): Int }
`);
schema.getSubscriptionType().getFields().numbers.subscribe = async function* numbers(_, { from, to, oldest }) {
  if (from < oldest) {
    // Among the results: what is thrown here would break the connection.
    yield { numbers: new Error(`${from} is no longer kept; ask from ${oldest}`) };
    return;
  }
  for (let n = from; n < to; n += 1) {
    yield { numbers: n };
    await sleep(20);
  }
};
const handler = createHandler({ schema, authenticate: () => null });

createServer((request, response) => {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-allow-headers', '*');
  if (request.method === 'OPTIONS') return response.writeHead(204).end();
  return handler(request, response).catch(() => response.destroy());
}).listen(Number(process.argv[2]), '127.0.0.1');
