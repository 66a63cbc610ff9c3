import { defineConfig } from 'vitest/config';

const project = (environment, exclude = []) => ({ test: { name: environment, environment, exclude, include: ['*.test.js'], testTimeout: 30_000 } });

export default defineConfig({
  test: { projects: [project('node', ['page.test.js']), project('jsdom')] },
});
