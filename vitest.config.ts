import { defineConfig } from 'vitest/config';

export default defineConfig({
  assetsInclude: ['**/*.wasm'],
  test: {
    include: ['test/**/*.test.ts'],
    // WebKitGTK is for Linux.
    exclude: process.platform === 'linux' ? [] : ['test/browser/webkit*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
