// Shows that the servers do what README.md says, faults included: `node tests/answers/server.test.js`.

import { report } from '../js/report.js';
import { startAnswers } from '../js/server.js';
import { chat } from './checks/chat.js';
import { graphql } from './checks/graphql.js';
import { mcp } from './checks/mcp.js';
import { models } from './checks/models.js';
import { server } from './checks/server.js';

await report(async (running) => {
  const origin = await startAnswers(running);
  for (const check of [server, models, chat, mcp, graphql]) {
    console.log(`\n${check.name}`);
    await check(origin);
  }
});
