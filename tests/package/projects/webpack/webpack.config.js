import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

/** With `--env bundler`, the page is built with what `wasm-pack build` makes for bundlers, which needs the experiment. */
export default ({ bundler = false } = {}) => ({
  mode: 'production',
  context: here,
  entry: bundler ? './src/bundler.js' : './src/index.js',
  output: { path: `${here}${bundler ? 'dist-bundler' : 'dist'}`, clean: true },
  experiments: { asyncWebAssembly: bundler },
  performance: false,
  plugins: [{
    apply: (compiler) => compiler.hooks.emit.tap('page', (compilation) => {
      const page = '<!doctype html><meta charset="utf-8"><ul id="messages"></ul><script src="main.js"></script>';
      compilation.emitAsset('index.html', new compiler.webpack.sources.RawSource(page));
    }),
  }],
});
