import { defineConfig } from 'vitest/config';

export default defineConfig({
  assetsInclude: ['**/*.wasm'],
  test: {
    include: ['test/**/*.test.ts'],
    // WebKitGTK is for Linux.
    exclude: process.platform === 'linux' ? [] : ['test/browser/webkit*.test.ts'],
    // Files of a worker share what they have loaded: modules, MNIST, exact answers, compiled pipelines, browsers.
    isolate: false,
    maxWorkers: 1, // browsers and SwiftShader keep two processors busy as it is
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
