// One's own images and labels as a data set.
import type { Dataset, Samples } from '../data/dataset.ts';
import { InputError } from '../errors.ts';

export interface DatasetPart {
  /** uint8 [count, width·height] row-major, 0 is the background */
  readonly images: Uint8Array;
  /** uint8 [count], each the index of a class name */
  readonly labels: Uint8Array;
}

export interface DatasetDefinition {
  /** For reports; left out, "own data". */
  readonly name?: string;
  readonly width: number;
  readonly height: number;
  /** Two or more, at most 256. */
  readonly classNames: readonly string[];
  readonly train: DatasetPart;
  readonly test: DatasetPart;
}

/**
 * Views of the given arrays, not copies.
 * @throws InputError naming the part that does not fit, and what was expected
 */
export function defineDataset(definition: DatasetDefinition): Dataset {
  const { name = 'own data', width, height, classNames, train, test } = definition;
  for (const [side, pixels] of Object.entries({ width, height }))
    if (!Number.isInteger(pixels) || pixels < 1)
      throw new InputError(`${side} ${pixels}: expected a whole number of pixels, 1 or more`);
  const classes = classNames.length;
  if (classes < 2 || classes > 256)
    throw new InputError(`${classes} class names: expected 2 to 256, one for each class`);
  const samples = (title: string, part: DatasetPart) => samplesOf(title, part, width * height, classes);
  return {
    ...{ name, width, height, classes, classNames },
    train: samples('training', train),
    test: samples('test', test),
  };
}

function samplesOf(title: string, { images, labels }: DatasetPart, pixels: number, classes: number): Samples {
  if (!(images instanceof Uint8Array) || !(labels instanceof Uint8Array))
    throw new InputError(`${title} images and labels: expected a Uint8Array each`);
  const count = labels.length;
  if (count === 0 || images.length !== count * pixels)
    throw new InputError(
      `${title} images of ${images.length} bytes and ${count} labels: expected ${pixels} bytes for each label, and a label or more`,
    );
  const outside = labels.findIndex((label) => label >= classes);
  if (outside >= 0)
    throw new InputError(
      `${title} label ${labels[outside]} at index ${outside}: expected 0 to ${classes - 1}, as there are ${classes} class names`,
    );
  return { count, images, labels };
}
