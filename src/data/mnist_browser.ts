// Data sets in the browser: MNIST as it is shipped with the page, or files that were picked or dropped.
import { messageOf } from '../errors.ts';
import type { Dataset, Reading } from './dataset.ts';
import { checkSizes, findFiles, loadDataset } from './mnist.ts';

/**
 * MNIST, verified by SHA-256 where the browser can.
 * @param folder where its four files lie, gzipped; it ends with a slash
 * @throws Error naming the address that could not be fetched
 */
export function loadMnistBrowser(folder: string | URL, reading: Reading = {}): Promise<Dataset> {
  return loadDataset('MNIST', (file) => fetchBytes(`${folder}${file}.gz`), { ...reading, verify: true });
}

/**
 * A host may serve the file with `Content-Encoding: gzip`; what arrives is then raw, which the reader
 * accepts.
 */
async function fetchBytes(url: string): Promise<Uint8Array> {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw new Error(`cannot load ${url}: ${messageOf(error)}`);
  }
}

/**
 * The data set of four IDX files among those given.
 * @throws InputError naming what is missing or wrong and what was expected
 */
export async function loadFiles(files: readonly File[], reading: Reading = {}): Promise<Dataset> {
  const byName = new Map(files.map((file) => [file.name, file]));
  const found = findFiles([...byName.keys()], 'the chosen files');
  checkSizes(
    Object.values(found).map((name) => byName.get(name)!.size),
    'the chosen files',
  );
  const read = async (name: string) => new Uint8Array(await byName.get(name)!.arrayBuffer());
  return loadDataset('chosen files', read, { ...reading, files: found });
}
