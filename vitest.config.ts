import { defineConfig } from 'vitest/config';

export default defineConfig({
  assetsInclude: ['**/*.wasm'],
  test: {
    include: ['test/**/*.test.ts'],
    // WebKitGTK is for Linux.
    exclude: process.platform === 'linux' ? [] : ['test/browser/webkit*.test.ts'],
    // Files share what was loaded: modules, MNIST, exact answers, browsers.
    isolate: false,
    // Browsers and SwiftShader keep two processors busy as it is.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
