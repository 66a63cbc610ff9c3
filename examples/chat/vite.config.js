import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

import { handle } from './server.mjs';

/** Vite's own server answers questions too, so `npm run dev` is all that is needed. */
const chat = {
  name: 'chat',
  configureServer({ middlewares }) {
    middlewares.use((request, response, next) => {
      if (!handle(request, response)) next();
    });
  },
};

export default defineConfig({ plugins: [react(), chat], build: { target: 'es2022' } });
