// Compiles the components in the READMEs, as Vite's plugins do.

import { readdir, readFile } from 'node:fs/promises';

import { compile } from 'svelte/compiler';
import { compileScript, parse } from 'vue/compiler-sfc';

const folder = new URL('../readme/components/', import.meta.url);

const compilers = {
  vue(source, filename) {
    const { descriptor, errors } = parse(source, { filename });
    if (errors.length > 0) throw errors[0];
    return compileScript(descriptor, { id: filename, inlineTemplate: true }).content;
  },
  svelte(source, filename) {
    const { js, warnings } = compile(source, { filename });
    if (warnings.length > 0) throw new Error(`${filename}: ${warnings[0].message}`);
    return js.code;
  },
};

const compiled = [];
for (const name of await readdir(folder)) {
  const code = compilers[name.split('.').pop()](await readFile(new URL(name, folder), 'utf8'), name);
  if (!code.includes('useEventSource(')) throw new Error(`${name} uses no source: ${code}`);
  compiled.push(name);
}
console.log(JSON.stringify(compiled));
