// The data set of a command: MNIST, or the folder of --data with what is told of its files; found before any
// work is done, and read once.
import { type Command, InvalidArgumentError } from 'commander';
import { type Dataset, MNIST, type Reading } from '../data/dataset.ts';
import { isStoredByColumns } from '../data/emnist.ts';
import { findFolder, loadFolder, loadMnistNode } from '../data/mnist_node.ts';
import { type DataShape, fitNetwork, hasAuto, parseNetwork, resolveAuto } from '../network/spec.ts';
import type { BrowserDataset } from './browser/run_in_browser.ts';
import { collectGarbage } from './collect_garbage.ts';
import { note } from './output.ts';

export interface DataOptions extends Reading {
  readonly data?: string;
}

/** A data set that has been found, and may not have been read yet. */
export interface DataSource {
  /** With how it is read, where that makes other images of it: what a training goes on with must be the same. */
  readonly identity: string;
  /** What a browser is to load. */
  readonly forBrowser: BrowserDataset;
  /** The first time reads it. */
  load(): Promise<Dataset>;
  /** What later calls of `load` are to return: the same images in another place. Those before are freed. */
  replace(dataset: Dataset): void;
  /** Reads it only if it must. */
  shape(): Promise<DataShape>;
}

/** `--data`, `--transpose`, `--no-transpose`, `--class-names`. */
export function addDataOptions(command: Command): Command {
  return command
    .option('--data <dir>', "a folder of four IDX files, raw or .gz, with MNIST's or EMNIST's names")
    .option('--transpose', 'its images are stored column by column (default: of files named emnist-*)')
    .option('--no-transpose', 'its images are stored row by row, whatever the files are named')
    .option('--class-names <names>', 'joined by commas, one for each class', toClassNames);
}

function toClassNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (names.includes('') || twice !== undefined)
    throw new InvalidArgumentError('Expected different names joined by commas, none of them empty.');
  return names;
}

/** @throws InputError naming the folder, and what is missing in it */
export async function openData({ data, transpose, classNames }: DataOptions = {}): Promise<DataSource> {
  const reading = { transpose, classNames };
  if (data === undefined) {
    const forBrowser = { kind: 'mnist', ...reading } as const;
    const loading = once(() => loadMnistNode(reading));
    return { identity: identityOf(MNIST.name, transpose), forBrowser, ...loading, shape: async () => MNIST };
  }
  const { name, files } = await findFolder(data);
  const byColumns = isStoredByColumns(files);
  if (byColumns && transpose === undefined)
    note(`${name}: images named like EMNIST's are read column by column (--no-transpose: row by row)`);
  const loading = once(() => loadFolder(data, reading));
  // Only what differs from the default: a checkpoint of an earlier version names the folder alone.
  const identity = identityOf(name, (transpose ?? byColumns) !== byColumns);
  const forBrowser = { kind: 'folder', dir: data, ...reading } as const;
  return { identity, forBrowser, ...loading, shape: loading.load };
}

const identityOf = (name: string, unusual = false) =>
  unusual ? `${name}, rows and columns exchanged` : name;

function once(read: () => Promise<Dataset>): Pick<DataSource, 'load' | 'replace'> {
  let loaded: Promise<Dataset> | undefined;
  return {
    load: () => {
      loaded ??= read();
      return loaded;
    },
    replace: (dataset) => {
      loaded = Promise.resolve(dataset);
      // In a turn of its own, when nobody looks at the images before any more.
      setImmediate(collectGarbage);
    },
  };
}

/**
 * The network that --layers names, or else the recipe's with inputs and classes made to fit the data, which is
 * told of where it changes anything.
 * @throws InputError if it is no network
 */
export async function chooseNetwork(
  layers: string | undefined,
  preset: string,
  data: DataSource,
): Promise<string> {
  if (layers !== undefined && !hasAuto(layers)) {
    parseNetwork(layers);
    return layers;
  }
  const shape = await data.shape();
  const network = layers === undefined ? fitNetwork(preset, shape) : resolveAuto(layers, shape);
  parseNetwork(network);
  const { name, width, height, classes } = shape;
  if (network !== (layers ?? preset))
    note(
      `network ${layers ?? preset} is ${network} for ${name}: ${width}×${height} pixels, ${classes} classes`,
    );
  return network;
}
