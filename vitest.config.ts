import { defineConfig } from 'vitest/config';

/**
 * What a platform lacks: WebKitGTK, Mesa and the second Node are for Linux; Windows has no signals, and no script
 * for Deno.
 */
const ABSENT: readonly string[] =
  process.platform === 'linux'
    ? process.arch === 'x64'
      ? []
      : ['test/cli/node_24.test.ts']
    : [
        'test/cli/node_24.test.ts',
        'test/browser/webkit*.test.ts',
        'test/compiled/*.test.ts',
        ...(process.platform === 'win32' ? ['test/browser/killed.test.ts', 'test/cli/deno.test.ts'] : []),
      ];

export default defineConfig({
  assetsInclude: ['**/*.wasm.gz'],
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...ABSENT],
    // The report carries its style sheets; unasked, they would be empty.
    css: { include: /src\/evaluation\// },
    // Files share what was loaded: modules, MNIST, exact answers, browsers.
    isolate: false,
    // A test in a browser, or on SwiftShader, keeps a processor and a half busy.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
