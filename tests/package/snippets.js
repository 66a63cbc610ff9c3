// The READMEs' snippets as files, to be compiled and run: each is a module of its own, as it is displayed.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The READMEs, by the name that their snippets' files have. */
const READMES = { npm: 'npm/README.md', repository: 'README.md' };

/** JavaScript is compiled as TypeScript, which takes it, and knows what it means. */
const EXTENSIONS = { js: 'ts', jsx: 'tsx', ts: 'ts', tsx: 'tsx', vue: 'vue', svelte: 'svelte' };

/** The snippets of a README: the language, the text, and the line of the README before it. */
export function* snippetsOf(readme) {
  for (const { index, groups: { language, text } } of readme.matchAll(/^```(?<language>\w+)[^\n]*\n(?<text>.*?)^```$/gms)) {
    yield { language, text, line: readme.slice(0, index).split('\n').length };
  }
}

/** A file whose lines have the numbers that they have in the README; a module, also where it imports and exports nothing. */
const at = (line, text) => `${'\n'.repeat(line)}${text}${/^(?:import|export) /m.test(text) ? '' : 'export {};\n'}`;

/** What is in the `<script>` of a component, and the line before it. */
function scriptOf(component) {
  const { index, groups: { text } } = /<script[^>]*>\n(?<text>.*?)^<\/script>/ms.exec(component);
  return { text: text.replaceAll(/^ {2}/gm, ''), line: component.slice(0, index).split('\n').length };
}

/** Writes the snippets into the folder `readme`, those of components also as a whole, and the tests among them into `vitest`. */
export async function writeSnippets(work) {
  await mkdir(join(work, 'readme/components'), { recursive: true });
  for (const [name, path] of Object.entries(READMES)) {
    for (const { language, text, line } of snippetsOf(await readFile(join(root, path), 'utf8'))) {
      const extension = EXTENSIONS[language];
      if (extension === undefined) continue;
      const file = `${name}-${line}`;
      if (language === 'vue' || language === 'svelte') {
        const script = scriptOf(text);
        await writeFile(join(work, 'readme/components', `${file}.${extension}`), text);
        await writeFile(join(work, 'readme', `${file}.ts`), at(line + script.line, script.text));
        continue;
      }
      await writeFile(join(work, 'readme', `${file}.${extension}`), at(line, text));
      if (text.includes("from 'vitest'")) await writeFile(join(work, 'vitest', `${file}.test.ts`), at(line, text));
    }
  }
}

/** The names of the members of the package's interfaces and classes. */
export function namesIn(types) {
  const found = {};
  for (const [, name, body] of types.matchAll(/^export (?:declare )?(?:interface|class) (\w+)[^\n]*\{\n(.*?)^\}/gms)) {
    found[name] = [...new Set([...body.matchAll(/^ {4}(?:static )?(?:readonly )?(\w+)\??[(:<]/gm)].map(([, member]) => member))];
  }
  return found;
}
