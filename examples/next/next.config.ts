import type { NextConfig } from 'next';

const config: NextConfig = {
  // This folder, whatever lock files there are above it.
  turbopack: { root: import.meta.dirname },
};

export default config;
