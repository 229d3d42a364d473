// Copies of images of a data set, for the page.
import type { Dataset } from '../../data/dataset.ts';
import type { Digit, LabelledDigit } from '../parts/digit_image.ts';

export function digit({ width, height, ...parts }: Dataset, part: 'train' | 'test', index: number): Digit {
  const size = width * height;
  return { pixels: parts[part].images.slice(index * size, (index + 1) * size), width, height };
}

export function labelledDigit(data: Dataset, part: 'train' | 'test', index: number): LabelledDigit {
  return { ...digit(data, part, index), label: data[part].labels[index] };
}
