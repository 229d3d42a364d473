// The classes of a data set, from its labels: how many there are, which label is the first, what they are
// called.
import { InputError } from '../errors.ts';
import type { Idx } from './idx.ts';

/** Where the names of classes come from. */
export interface Naming {
  /** Those that were asked for, one for each class. */
  readonly given?: readonly string[];
  /** Those that such a data set usually has; taken if there is one for each class. */
  readonly usual?: readonly string[];
}

export interface Classes {
  readonly classes: number;
  /** The label of the first class, 0 or 1. */
  readonly first: number;
  /** Left out where they are the numbers from 0. */
  readonly classNames?: readonly string[];
}

/**
 * The labels of training and test together are to be a range without gaps that begins at 0, or at 1 as those
 * of EMNIST's letters do. There are at least two classes.
 * @throws InputError naming the file with a label that does not fit, or the label that is missing
 */
export function classesOf(train: Idx, test: Idx, { given, usual }: Naming = {}): Classes {
  const occurs = new Uint8Array(256);
  for (const label of train.data) occurs[label] = 1;
  const highest = Math.max(0, occurs.lastIndexOf(1));
  for (const label of test.data) occurs[label] = 1;
  // Whoever names a class for label 0 has one of which there are no images.
  const first = occurs.indexOf(1) === 1 && given?.length !== highest + 1 ? 1 : 0;
  const classes = Math.max(2, highest - first + 1);
  const last = first + classes - 1;
  const outside = test.data.findIndex((label) => label > last);
  if (outside >= 0) {
    throw new InputError(
      `${test.file}: label ${test.data[outside]} at index ${outside}, ` +
        `expected ${first} to ${last} as in ${train.file}`,
    );
  }
  if (given && given.length !== classes) {
    throw new InputError(
      `class names: ${given.length} given, expected ${classes}, one for each label from ${first} to ${last}`,
    );
  }
  if (!given) checkGapless(occurs.subarray(0, highest + 1), first, { train, test });
  const classNames = given ?? (usual?.length === classes ? usual : namesFrom(first, classes));
  return { classes, first, ...(classNames && { classNames }) };
}

/** @param occurs whether each label does, up to the highest; it is no gap if none does */
function checkGapless(occurs: Uint8Array, first: number, { train, test }: { train: Idx; test: Idx }): void {
  const gap = occurs.indexOf(0, first);
  if (gap < 0 || !occurs.includes(1)) return;
  const highest = occurs.length - 1;
  throw new InputError(
    `${train.file}: no label ${gap}, nor in ${test.file}: expected every label from ${first} to ${highest}; ` +
      'number the classes from 0 without gaps, or name all of them, also those without images (--class-names)',
  );
}

/** The labels as they were, if they did not begin at 0. */
function namesFrom(first: number, classes: number): readonly string[] | undefined {
  return first === 0 ? undefined : Array.from({ length: classes }, (_, index) => String(first + index));
}
