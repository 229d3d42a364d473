import { defineConfig } from 'vitest/config';

export default defineConfig({
  assetsInclude: ['**/*.wasm'],
  test: {
    include: ['test/**/*.test.ts'],
    // WebKitGTK is for Linux.
    exclude: process.platform === 'linux' ? [] : ['test/browser/webkit*.test.ts'],
    // Files share what was loaded: modules, MNIST, exact answers, browsers.
    isolate: false,
    // A test in a browser, or on SwiftShader, keeps a processor and a half busy.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
