// Real images made to look like EMNIST's letters: MNIST's, stored column by column, with labels from 1 to 26
// in files of EMNIST's names.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Samples, slice } from '../../src/data/dataset.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { idx } from '../cli/idx_folder.ts';

/** Each digit is two or three of the 26 classes, by its place in the file. */
export function letterOf(digit: number, index: number): number {
  return 1 + digit + 10 * (digit < 6 ? index % 3 : index % 2);
}

/** The files by their names, with so many training and test images. */
export async function letterFiles(train = 600, test = 200): Promise<Record<string, Uint8Array>> {
  const mnist = await loadMnistNode();
  return {
    ...partFiles('emnist-letters-train', slice(mnist.train, 0, train)),
    ...partFiles('emnist-letters-test', slice(mnist.test, 0, test)),
  };
}

function partFiles(part: string, { count, images, labels }: Samples): Record<string, Uint8Array> {
  const columns = Uint8Array.from(images, (_, at) => {
    const [image, column, row] = [Math.floor(at / 784), Math.floor((at % 784) / 28), at % 28];
    return images[784 * image + 28 * row + column];
  });
  return {
    [`${part}-images-idx3-ubyte`]: idx([count, 28, 28], columns),
    [`${part}-labels-idx1-ubyte`]: idx([count], labels.map(letterOf)),
  };
}

/** @returns the folder */
export async function writeLetters(folder: string, train?: number, test?: number): Promise<string> {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(await letterFiles(train, test)))
    writeFileSync(join(folder, name), bytes);
  return folder;
}
