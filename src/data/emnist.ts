// EMNIST, letters and digits in MNIST's form (Cohen, Afshar, Tapson and van Schaik, arXiv:1702.05373): how its
// files are told by their names, and what its classes are called.
import type { FourFiles } from './idx.ts';

const DIGITS = [...'0123456789'];
const UPPER = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const LOWER = [...'abcdefghijklmnopqrstuvwxyz'];
/** The other small letters look like the capital ones, and are one class with them. */
const DISTINCT_LOWER = [...'abdefghnqrt'];

/** By the label's order; "letters" does not tell capital from small letters. */
const CLASS_NAMES: { readonly [split: string]: readonly string[] | undefined } = {
  'emnist-letters': LOWER,
  'emnist-byclass': [...DIGITS, ...UPPER, ...LOWER],
  'emnist-bymerge': [...DIGITS, ...UPPER, ...DISTINCT_LOWER],
  'emnist-balanced': [...DIGITS, ...UPPER, ...DISTINCT_LOWER],
};

/**
 * The part of EMNIST that a file belongs to.
 * @returns "emnist-letters" of emnist-letters-train-images-idx3-ubyte; undefined if it is not named so
 */
export function splitOf(file: string): string | undefined {
  return /^(emnist-[a-z]+)-/.exec(file)?.[1];
}

/** Whether the images are stored column by column, as EMNIST's are, a conversion from MATLAB. */
export function isStoredByColumns({ trainImages }: FourFiles<string>): boolean {
  return splitOf(trainImages) !== undefined;
}

/** The names of the classes that a data set of these files usually has. */
export function usualClassNames({ trainImages }: FourFiles<string>): readonly string[] | undefined {
  return CLASS_NAMES[splitOf(trainImages) ?? ''];
}
