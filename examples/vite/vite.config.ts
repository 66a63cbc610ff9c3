import { defineConfig } from 'vite';

// The dev server's streams, on this server's own origin.
const proxy = { '/events': process.env.DEV_SERVER_URL ?? 'http://127.0.0.1:8000' };

export default defineConfig({
  server: { proxy },
  preview: { proxy },
  build: { target: 'es2022' },
});
