// A drawn or photographed digit made like MNIST's: light ink on black, cropped, scaled to fit 20×20 of the
// 28×28 pixels, its centre of mass in the middle (LeCun, Bottou, Bengio and Haffner, Proc. IEEE 86(11), 1998,
// section III.A).
import { InputError } from '../errors.ts';

/** Luminance 0 … 255, uint8 [height, width] row-major. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const MNIST_SIZE: Size = { width: 28, height: 28 };

/** The part of each side that the digit may fill. */
const FILL = 20 / 28;

/** A piece of ink with less than this share of all ink is dirt. */
const DIRT = 0.02;

/** Longer sides are scaled down first: networks see far less. */
export const MAX_SIDE = 512;

/**
 * Makes an image of one digit ready for the network. The ink may be dark on light or light on dark. An image
 * that already has the right size and a black border is taken as it is.
 * @returns uint8 [size.height, size.width], 0 is the background
 * @throws InputError if there is nothing to see
 */
export function toDigit(image: GreyImage, size: Size = MNIST_SIZE): Uint8Array {
  const { data } = image;
  if (data.every((level) => level === data[0])) {
    throw new InputError('the image is blank, expected a digit in dark or light ink');
  }
  const sameSize = image.width === size.width && image.height === size.height;
  if (sameSize && percentile(border(image), 0.5) === 0) return data.slice();
  const ink = extractInk(scaledDown(image));
  return centre(scaleToFit(crop(ink), size), size);
}

/**
 * Divides the sides by a whole number, until none is longer than MAX_SIDE: each new pixel is the mean of a
 * square.
 */
function scaledDown({ width, height, data }: GreyImage): GreyImage {
  const factor = Math.ceil(Math.max(width, height) / MAX_SIDE);
  if (factor <= 1) return { width, height, data };
  const small = { width: Math.ceil(width / factor), height: Math.ceil(height / factor) };
  const sums = new Uint32Array(small.width * small.height);
  const counts = new Uint32Array(sums.length);
  for (let row = 0, at = 0; row < height; row++) {
    const line = Math.floor(row / factor) * small.width;
    for (let column = 0; column < width; column++, at++) {
      const square = line + Math.floor(column / factor);
      sums[square] += data[at];
      counts[square]++;
    }
  }
  return { ...small, data: Uint8Array.from(sums, (sum, square) => Math.round(sum / counts[square])) };
}

/**
 * Luminance of RGBA pixels. What is transparent is seen on white, or on black if white would hide everything
 * (white strokes on a transparent ground).
 * @param rgba uint8 [pixels, 4]
 * @returns uint8 [pixels]
 */
export function luminance(rgba: Uint8Array | Uint8ClampedArray): Uint8Array {
  const onWhite = luminanceOver(255, rgba);
  const hidden = onWhite.every((level) => level === onWhite[0]);
  return hidden ? luminanceOver(0, rgba) : onWhite;
}

/** Luma (Rec. ITU-R BT.709) over a grey ground. */
function luminanceOver(ground: number, rgba: Uint8Array | Uint8ClampedArray): Uint8Array {
  const levels = new Uint8Array(rgba.length / 4);
  for (let pixel = 0; pixel < levels.length; pixel++) {
    const at = 4 * pixel;
    const level = 0.2126 * rgba[at] + 0.7152 * rgba[at + 1] + 0.0722 * rgba[at + 2];
    levels[pixel] = Math.round(ground + ((level - ground) * rgba[at + 3]) / 255);
  }
  return levels;
}

/** Ink from 0 to 1, [height, width] row-major. */
interface Ink extends Size {
  readonly data: Float32Array;
}

/**
 * Subtracts the background and stretches the rest to 0 … 1. Pixels above Otsu's threshold are ink for
 * certain; paler ones only where they touch it, which keeps soft edges and drops noise.
 */
function extractInk(image: GreyImage): Ink {
  const light = lightInk(image);
  const threshold = otsuThreshold(light.data);
  const certain = light.data.filter((level) => level > threshold);
  const full = percentile(certain, 0.9);
  const background = Math.min(threshold, percentile(border(light), 0.98));
  const data = Float32Array.from(light.data, (level) =>
    Math.min(1, Math.max(0, (level - background) / (full - background))),
  );
  const certainLevel = (threshold - background) / (full - background);
  return dropDirt({ width: image.width, height: image.height, data }, certainLevel);
}

/** Dark ink on a light ground is inverted; the ground is what most of the border is. */
function lightInk(image: GreyImage): GreyImage {
  if (percentile(border(image), 0.5) <= otsuThreshold(image.data)) return image;
  return { ...image, data: image.data.map((level) => 255 - level) };
}

/**
 * The level that divides the histogram into the two classes with the greatest variance between them; the
 * upper class is above it (Otsu, IEEE Trans. SMC 9(1), 1979).
 */
function otsuThreshold(data: Uint8Array): number {
  const histogram = new Float64Array(256);
  for (const level of data) histogram[level]++;
  const sum = histogram.reduce((total, count, level) => total + count * level, 0);
  let best = 0;
  let bestVariance = -1;
  let lowerCount = 0;
  let lowerSum = 0;
  for (let level = 0; level < 255; level++) {
    lowerCount += histogram[level];
    lowerSum += histogram[level] * level;
    const upperCount = data.length - lowerCount;
    if (lowerCount === 0 || upperCount === 0) continue;
    const distance = lowerSum / lowerCount - (sum - lowerSum) / upperCount;
    const variance = lowerCount * upperCount * distance * distance;
    if (variance > bestVariance) {
      bestVariance = variance;
      best = level;
    }
  }
  return best;
}

/** Levels of the outermost pixels. */
function border({ width, height, data }: GreyImage): Uint8Array {
  return data.filter((_, i) => {
    const column = i % width;
    const row = (i - column) / width;
    return row === 0 || column === 0 || row === height - 1 || column === width - 1;
  });
}

function percentile(levels: Uint8Array, fraction: number): number {
  return levels.toSorted()[Math.floor(fraction * (levels.length - 1))];
}

/** Keeps the connected pieces that reach above `certain` and are more than dirt. */
function dropDirt(ink: Ink, certain: number): Ink {
  const pieces = connectedPieces(ink).filter((piece) => piece.some((i) => ink.data[i] > certain));
  const masses = pieces.map((piece) => piece.reduce((mass, i) => mass + ink.data[i], 0));
  const total = masses.reduce((a, b) => a + b, 0);
  if (!masses.some((mass) => mass >= DIRT * total))
    throw new InputError('nothing to see: only specks, expected a digit in dark or light ink');
  const data = new Float32Array(ink.data.length);
  pieces.forEach((piece, p) => {
    if (masses[p] >= DIRT * total) for (const i of piece) data[i] = ink.data[i];
  });
  return { ...ink, data };
}

/** Sets of pixels above 0 that touch, corners included, as indices. */
function connectedPieces({ width, height, data }: Ink): number[][] {
  const seen = new Uint8Array(data.length);
  const pieces: number[][] = [];
  for (let start = 0; start < data.length; start++) {
    if (seen[start] || data[start] === 0) continue;
    seen[start] = 1;
    const piece = [start];
    for (let next = 0; next < piece.length; next++) {
      const column = piece[next] % width;
      const row = (piece[next] - column) / width;
      for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++) {
        for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x++) {
          const i = y * width + x;
          if (seen[i] || data[i] === 0) continue;
          seen[i] = 1;
          piece.push(i);
        }
      }
    }
    pieces.push(piece);
  }
  return pieces;
}

/** The smallest rectangle that holds all ink. */
function crop({ width, height, data }: Ink): Ink {
  let [left, right, top, bottom] = [width, -1, height, -1];
  data.forEach((level, i) => {
    if (level === 0) return;
    const column = i % width;
    const row = (i - column) / width;
    left = Math.min(left, column);
    right = Math.max(right, column);
    top = Math.min(top, row);
    bottom = Math.max(bottom, row);
  });
  const size = { width: right - left + 1, height: bottom - top + 1 };
  const cropped = new Float32Array(size.width * size.height);
  for (let row = 0; row < size.height; row++) {
    const first = (top + row) * width + left;
    cropped.set(data.subarray(first, first + size.width), row * size.width);
  }
  return { ...size, data: cropped };
}

/** Scales, keeping the aspect ratio, to the largest that fits the digit's part of `size`. */
function scaleToFit(ink: Ink, size: Size): Ink {
  const scale = Math.min((size.width * FILL) / ink.width, (size.height * FILL) / ink.height);
  const width = Math.max(1, Math.round(ink.width * scale));
  const height = Math.max(1, Math.round(ink.height * scale));
  return transpose(resizeRows(transpose(resizeRows(ink, width)), height));
}

/** Area averaging along the rows: each new pixel is the mean of the stretch of old pixels that it covers. */
function resizeRows({ width: from, height, data }: Ink, to: number): Ink {
  const resized = new Float32Array(height * to);
  const step = from / to;
  for (let x = 0; x < to; x++) {
    const begin = x * step;
    const end = Math.min(from, begin + step);
    for (let old = Math.floor(begin); old < end; old++) {
      const share = (Math.min(end, old + 1) - Math.max(begin, old)) / step;
      for (let y = 0; y < height; y++) resized[y * to + x] += share * data[y * from + old];
    }
  }
  return { width: to, height, data: resized };
}

function transpose({ width, height, data }: Ink): Ink {
  return {
    width: height,
    height: width,
    data: data.map((_, i) => data[(i % height) * width + Math.floor(i / height)]),
  };
}

/**
 * Places the ink so that its centre of mass is in the middle, as nearly as whole pixels and the edges allow.
 */
function centre(ink: Ink, size: Size): Uint8Array {
  let [mass, sumX, sumY] = [0, 0, 0];
  ink.data.forEach((level, i) => {
    mass += level;
    sumX += level * (i % ink.width);
    sumY += level * Math.floor(i / ink.width);
  });
  const place = (extent: number, room: number, mean: number) =>
    Math.max(0, Math.min(room - extent, Math.round(room / 2 - mean)));
  const left = place(ink.width, size.width, sumX / mass);
  const top = place(ink.height, size.height, sumY / mass);
  const digit = new Uint8Array(size.width * size.height);
  ink.data.forEach((level, i) => {
    const column = i % ink.width;
    const row = (i - column) / ink.width;
    digit[(top + row) * size.width + left + column] = Math.round(255 * level);
  });
  return digit;
}
