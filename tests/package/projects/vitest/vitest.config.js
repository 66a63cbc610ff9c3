import { defineConfig } from 'vitest/config';

const project = (environment, exclude, more) => ({
  test: { name: environment, environment, exclude, include: ['*.test.{js,ts}'], testTimeout: 30_000, ...more },
});

export default defineConfig({
  test: {
    projects: [
      project('node', ['component.test.js', 'page.test.js', 'readme.test.js']),
      project('jsdom', []),
      // It applies the rules of CORS, and the tests' servers are of other origins.
      project('happy-dom', ['readme.test.js'], { environmentOptions: { happyDOM: { settings: { fetch: { disableSameOriginPolicy: true } } } } }),
    ],
  },
});
