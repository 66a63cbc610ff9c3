// A client as it is often written first: it reads the answer, takes lines that begin with `data: `, and knows of no second try.
// What it is for here: `node tests/fault-suite/run.js --command 'node tests/fault-suite/examples/naive.js'`.

const response = await fetch(process.argv[2]);
const text = response.body.pipeThrough(new TextDecoderStream());
let rest = '';
for await (const piece of text) {
  const lines = (rest + piece).split('\n');
  rest = lines.pop();
  for (const line of lines) if (line.startsWith('data: ')) console.log(JSON.stringify({ data: line.slice(6) }));
}
