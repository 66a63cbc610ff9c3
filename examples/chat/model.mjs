// Stands for a language model: gives one of three answers, a token at a time.

import { setTimeout as sleep } from 'node:timers/promises';

const ANSWERS = [
  `Server-sent events are a way for a server to send a page text whenever it likes, over a plain HTTP response that does not end. \
The browser's part in it is an object called EventSource.

Each event is a few lines of text:

    id: 7
    data: Hello!

The blank line ends it. The id is what makes the format good for more than a demo: when the connection breaks, the client sends \
the last id that it has seen, and the server goes on from there. Nothing is lost and nothing comes twice – not even in 日本語, \
or with a 🦀.`,

  `Because a model takes its time. It makes an answer one token after the other, and a reader can begin with the first one while the \
last is still seconds away.

A token is small, some four letters on average, and a fast model sends hundreds of them in a second. A screen shows sixty pictures in \
that time. So a page should not render for each token, but once for all that have come since the last picture. What it shows is the \
same, and it stays responsive.`,

  `Three things, mostly.

1. The model is busy. It answers 429, says in Retry-After when to come back, and means it.
2. The connection breaks in the middle: a train, a tunnel, a proxy that ends what has been quiet for a minute. The answer is still \
being made, so ask for the rest of it, not for another one. Another one costs as much as the first, and it won't be the same.
3. The reader reloads the page. That is the second case again, but for the text that was shown: the page has to keep it.

And then there is the reader who has read enough. Tell the server, or it goes on for nobody.`,
];

/**
 * Answers the last of the messages.
 *
 * @param pace - Milliseconds between two tokens.
 * @param most - How many tokens it gives before it fails; all of them by default.
 */
export async function* generate(messages, { pace, signal, most = Infinity }) {
  const questions = messages.filter(({ role }) => role === 'user').length;
  const text = ANSWERS[(questions + ANSWERS.length - 1) % ANSWERS.length];
  let count = 0;
  for (const [token] of text.matchAll(/\s*\S{1,6}/gu)) {
    await sleep(pace, undefined, { signal });
    if (count === most) throw new Error('The model has lost the thread.');
    count += 1;
    yield token;
  }
}
