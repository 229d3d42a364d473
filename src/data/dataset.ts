// A data set of images and labels, as uint8 from the file to the device.
import { InputError } from '../errors.ts';

/** Images with labels. */
export interface Samples {
  readonly count: number;
  /** uint8 [count, width·height] row-major, 0 is the background. */
  readonly images: Uint8Array;
  /** uint8 [count], each below `classes`. */
  readonly labels: Uint8Array;
}

export interface Dataset {
  /** "MNIST", or the folder or files it came from. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly classes: number;
  /** What the classes are called, by label; left out where they are the numbers from 0. */
  readonly classNames?: readonly string[];
  readonly train: Samples;
  readonly test: Samples;
}

/** What is told of a data set's files because they do not say it themselves. */
export interface Reading {
  /** Whether images are stored column by column; left out, whether files are named like EMNIST's. */
  readonly transpose?: boolean;
  /** One for each class, by label. */
  readonly classNames?: readonly string[];
}

/** What a class is called. */
export function className(names: readonly string[] | undefined, label: number): string {
  return names?.[label] ?? String(label);
}

/** MNIST's shape: what can be checked before its files are there. */
export const MNIST = {
  name: 'MNIST',
  width: 28,
  height: 28,
  classes: 10,
  train: 60_000,
  test: 10_000,
} as const;

/** The samples from `from` up to, not including, `to`: views, not copies. */
export function slice(samples: Samples, from: number, to: number): Samples {
  const inputs = samples.images.length / samples.count;
  return {
    count: to - from,
    images: samples.images.subarray(from * inputs, to * inputs),
    labels: samples.labels.subarray(from, to),
  };
}

/** Which of a data set's training samples are trained on, and what is tested on. */
export interface Selection {
  /** Hold the last so many training samples out and test on them; left out, none. */
  readonly holdOut?: number;
  /** Train on the first so many of the rest; left out, on all. */
  readonly trainLimit?: number;
}

/** @throws InputError unless both numbers leave something to train on */
export function select(dataset: Dataset, { holdOut: held, trainLimit }: Selection): Dataset {
  const rest = held === undefined ? dataset : holdOut(dataset, held);
  return trainLimit === undefined ? rest : limitTraining(rest, trainLimit);
}

/**
 * Only the first `limit` training samples.
 * @throws InputError unless `limit` is a whole number from 1 to the number of training samples
 */
export function limitTraining(dataset: Dataset, limit: number): Dataset {
  if (!Number.isInteger(limit) || limit < 1 || limit > dataset.train.count) {
    throw new InputError(`train limit ${limit}: expected a whole number from 1 to ${dataset.train.count}`);
  }
  return { ...dataset, train: slice(dataset.train, 0, limit) };
}

/**
 * Holds the last `count` training samples out and makes them the test set, so that choices can be made
 * without a look at the test set.
 * @throws InputError unless some training samples remain
 */
export function holdOut(dataset: Dataset, count: number): Dataset {
  const { train } = dataset;
  if (!Number.isInteger(count) || count < 1 || count >= train.count) {
    throw new InputError(`hold out ${count}: expected a whole number from 1 to ${train.count - 1}`);
  }
  const rest = train.count - count;
  return { ...dataset, train: slice(train, 0, rest), test: slice(train, rest, train.count) };
}
