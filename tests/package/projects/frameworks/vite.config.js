import { compile, compileModule } from 'svelte/compiler';
import { defineConfig } from 'vite';

/** Compiles Svelte's files. */
const svelte = {
  name: 'svelte',
  transform(code, filename) {
    if (/\.svelte$/.test(filename)) return compile(code, { filename, generate: 'client', dev: true }).js;
    if (/\.svelte\.js$/.test(filename)) return compileModule(code, { filename, generate: 'client', dev: true }).js;
    return undefined;
  },
};

export default defineConfig({
  base: './',
  mode: 'development',
  // React mounts twice in its development build only.
  define: { 'process.env.NODE_ENV': '"development"' },
  resolve: { conditions: ['browser', 'development', 'module', 'import', 'default'] },
  plugins: [svelte],
  build: {
    target: 'es2022',
    minify: false,
    rolldownOptions: {
      input: ['react', 'vue', 'svelte'].map((name) => new URL(`${name}.js`, import.meta.url).pathname),
      // The page's own, which runs the tests.
      external: ['/harness.js'],
      output: { entryFileNames: '[name].js' },
    },
  },
});
