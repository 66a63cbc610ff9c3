import { run } from './harness.js';

const file = new URLSearchParams(location.search).get('file');
try {
  await import(`./${file}.js`);
} finally {
  run();
}
