// GraphQL over SSE, by the protocol's reference server, in its "distinct connections mode": each operation has a stream of its
// own, of events `next` with a result and at last one `complete` with empty data, after which the server ends the body. A
// comment comes first. There are no ids: a broken subscription is made again. The server sends streams only to who accepts
// nothing but `text/event-stream`, exactly; a query that it can't parse is 400 with JSON all the same, while one that is not
// valid is a stream of `next` with `errors`, and `complete`.

import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

import { GraphQLInt, GraphQLNonNull, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { createHandler } from 'graphql-sse/lib/use/http';

import { how } from './exchange.js';
import { number, word } from './parameters.js';

const parameters = {
  /** The parameters of an operation that is asked for with GET. */
  query: { usual: undefined, parse: (text) => text, says: 'a document' },
  variables: { usual: undefined, parse: (text) => text, says: 'JSON' },
  extensions: { usual: undefined, parse: (text) => text, says: 'JSON' },
  operationName: word(),
  /** After how many events the connection breaks, in the middle of the next. */
  break: number(0, 10_000, undefined),
  how,
};

const integer = (usual) => ({ type: new GraphQLNonNull(GraphQLInt), defaultValue: usual });

async function* countdown(_, { from, pause }) {
  for (let n = from; n >= 0; n -= 1) {
    yield { countdown: n };
    await sleep(pause);
  }
}

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: {
      hello: { type: GraphQLString, args: { name: { type: GraphQLString, defaultValue: '世界 🌍' } }, resolve: (_, { name }) => `Hello, ${name}` },
      failure: { type: GraphQLString, resolve() { throw new Error('it fails always'); } },
    },
  }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      /** Counts down to 0. */
      countdown: { type: GraphQLInt, args: { from: integer(3), pause: integer(10) }, subscribe: countdown },
      /** Results that are errors, with one that is none before and after. */
      failures: {
        type: GraphQLInt,
        args: { from: integer(2), pause: integer(10) },
        subscribe: countdown,
        resolve({ countdown: n }) {
          if (n === 1) throw new Error('there is no 1');
          return n;
        },
      },
      /** The server itself fails in mid-stream, and the connection breaks without `complete`. */
      crash: {
        type: GraphQLInt,
        args: { from: integer(1), pause: integer(10) },
        async* subscribe(_, input) {
          for await (const { countdown: crash } of countdown(_, input)) yield { crash };
          throw new Error('the source of a subscription failed');
        },
      },
    },
  }),
});

const handler = createHandler({
  schema,
  // No tokens: a request that wants no stream is not the other mode's, and is 404.
  authenticate: () => null,
});

export async function graphql(exchange, _, parse) {
  const { break: after, how: way } = parse(parameters);
  const { request, response, text, told } = exchange;
  if (after !== undefined) exchange.cutAfter(after, way);
  // The body has been read, and the handler reads it once more.
  const again = Object.assign(Readable.from(text === '' ? [] : [text]), { method: request.method, url: request.url, headers: request.headers });
  try {
    await handler(again, response);
  } catch (error) {
    if (exchange.over) return;
    if (!response.headersSent) throw error;
    told.state = 'broken';
    response.socket.destroy();
  }
}
