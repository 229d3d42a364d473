// Images that are stored column by column, turned into rows.
import type { Idx } from './idx.ts';

/**
 * Exchanges rows and columns of every image, in place.
 * @param images uint8 [count, columns, rows]; anything of another rank is left as it is
 * @returns uint8 [count, rows, columns] over the same bytes
 */
export function transposeImages(images: Idx): Idx {
  if (images.shape.length !== 3) return images;
  const { data } = images;
  const [count, columns, rows] = images.shape;
  const before = new Uint8Array(columns * rows);
  for (let first = 0; first < data.length; first += before.length) {
    before.set(data.subarray(first, first + before.length));
    for (let row = 0, at = first; row < rows; row++) {
      for (let column = 0; column < columns; column++, at++) data[at] = before[column * rows + row];
    }
  }
  return { ...images, shape: [count, rows, columns] };
}
