// MNIST and data sets of the same four files: which files, how they are found, read and verified.
import { InputError } from '../errors.ts';
import type { Dataset, Reading } from './dataset.ts';
import { isStoredByColumns, splitOf, usualClassNames } from './emnist.ts';
import { type FourFiles, type Idx, inflate, MAX_BYTES, makeDataset, parseIdx, Room } from './idx.ts';
import { transposeImages } from './transpose.ts';

type Role = keyof FourFiles<unknown>;

/** What a file holds, in words. */
const ROLES: FourFiles<string> = {
  trainImages: 'training images',
  trainLabels: 'training labels',
  testImages: 'test images',
  testLabels: 'test labels',
};

const ROLE_NAMES = ['trainImages', 'trainLabels', 'testImages', 'testLabels'] as const;

/** The names under which MNIST was published; Fashion-MNIST has the same ones. */
export const MNIST_FILES: FourFiles<string> = {
  trainImages: 'train-images-idx3-ubyte',
  trainLabels: 'train-labels-idx1-ubyte',
  testImages: 't10k-images-idx3-ubyte',
  testLabels: 't10k-labels-idx1-ubyte',
};

/** SHA-256 of MNIST's uncompressed files. */
export const MNIST_SHA256: FourFiles<string> = {
  trainImages: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  trainLabels: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  testImages: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  testLabels: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
};

export interface LoadOptions extends Reading {
  /** Names to read; left out, MNIST's. */
  readonly files?: FourFiles<string>;
  /** Compare every file with {@link MNIST_SHA256}. */
  readonly verify?: boolean;
  /** Told why verifying was skipped; left out, `console.warn`. */
  readonly warn?: (reason: string) => void;
}

/**
 * Reads, verifies and checks the four files of a data set, side by side.
 * @param read a file's bytes by its name, raw or gzipped; they become the data set's own
 * @throws InputError naming the file that is wrong and what was expected, and whatever `read` throws
 */
export async function loadDataset(
  name: string,
  read: (file: string) => Promise<Uint8Array>,
  { files = MNIST_FILES, verify = false, warn = console.warn, transpose, classNames }: LoadOptions = {},
): Promise<Dataset> {
  const canVerify = globalThis.crypto?.subtle !== undefined;
  if (verify && !canVerify) {
    warn(`${name} was not verified: SHA-256 needs a secure origin (https or localhost)`);
  }
  const room = new Room();
  const load = async (role: Role): Promise<Idx> => {
    const file = files[role];
    const raw = await inflate(await read(file), file, room);
    if (verify && canVerify) await checkSha256(raw, file, MNIST_SHA256[role]);
    return parseIdx(raw, file);
  };
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all(ROLE_NAMES.map(load));
  const rows = (transpose ?? isStoredByColumns(files)) ? transposeImages : (images: Idx) => images;
  return makeDataset(
    name,
    { trainImages: rows(trainImages), trainLabels, testImages: rows(testImages), testLabels },
    { given: classNames, usual: usualClassNames(files) },
  );
}

async function checkSha256(raw: Uint8Array, file: string, expected: string): Promise<void> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', raw as Uint8Array<ArrayBuffer>));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (found !== expected) {
    throw new InputError(`${file}: SHA-256 ${found}, expected ${expected}, that of MNIST`);
  }
}

/**
 * Checks, before anything is read, that four files may be a data set.
 * @param sizes bytes of the four files as they are, raw or gzipped
 * @param where for messages
 * @throws InputError if they are more than a data set may have
 */
export function checkSizes(sizes: readonly number[], where: string): void {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  if (all > MAX_BYTES)
    throw new InputError(`${where}: ${all} bytes in four files, expected at most ${MAX_BYTES}`);
}

/**
 * Finds the four files of a data set among names such as `train-images-idx3-ubyte`,
 * `test-labels.idx1-ubyte.gz` or `emnist-letters-test-labels-idx1-ubyte`; where a file is there raw and
 * gzipped, the raw one.
 * @param where the folder or so that the names are of, for messages
 * @throws InputError naming what is missing and the names that were looked for, or the data sets if they are
 *   several
 */
export function findFiles(names: readonly string[], where: string): FourFiles<string> {
  const present = new Set(names);
  const splits = [undefined, ...new Set(names.map(splitOf).filter((split) => split !== undefined))];
  const sets = splits.map((split) => ({ split, found: filesOf(split, present) }));
  const missingIn = ({ found }: (typeof sets)[number]) => ROLE_NAMES.filter((role) => !found[role]);
  const whole = sets.filter((set) => missingIn(set).length === 0);
  if (whole.length > 1) {
    const titles = whole.map(({ split }) => split ?? "MNIST's names");
    throw new InputError(
      `${where}: files of several data sets (${titles.join(', ')}), expected one: keep each in a folder of its own`,
    );
  }
  const [best] = whole.length > 0 ? whole : sets.sort((a, b) => missingIn(a).length - missingIn(b).length);
  const missing = missingIn(best);
  if (missing.length > 0) {
    const wanted = missing.map((role) => `${ROLES[role]} (${stems(role, best.split).join(' or ')})`);
    throw new InputError(
      `${where}: no ${wanted.join(', no ')}; expected four IDX files, ` +
        'raw or .gz, with "-" or "." before "idx"',
    );
  }
  return best.found as FourFiles<string>;
}

/** Those of one data set that are present. */
function filesOf(split: string | undefined, present: ReadonlySet<string>): Partial<FourFiles<string>> {
  const find = (role: Role) => candidates(role, split).find((name) => present.has(name));
  return Object.fromEntries(ROLE_NAMES.map((role) => [role, find(role)]));
}

/** The published name, and for the test set also one that begins with "test", as EMNIST's do. */
function stems(role: Role, split: string | undefined): string[] {
  const published = MNIST_FILES[role];
  const names = published.startsWith('t10k') ? [published, published.replace('t10k', 'test')] : [published];
  return split === undefined ? names : names.map((name) => `${split}-${name}`);
}

/** Every accepted name, the preferred ones first. */
function candidates(role: Role, split: string | undefined): string[] {
  const spellings = stems(role, split).flatMap((stem) => [stem, stem.replace('-idx', '.idx')]);
  return [...spellings, ...spellings.map((name) => `${name}.gz`)];
}
