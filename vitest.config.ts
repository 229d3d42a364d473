import { defineConfig } from 'vitest/config';

export default defineConfig({
  assetsInclude: ['**/*.wasm'],
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Firefox now and then leaves a nested worker standing; a second try tells that from a failure of ours.
    retry: process.env.CI ? 2 : 0,
  },
});
