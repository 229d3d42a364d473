// Random distortions of images: what a recipe says of them, and the constants that the kernel `distort`
// takes.
import * as v from 'valibot';
import { InputError } from '../errors.ts';

const upTo = (maximum: number) => v.pipe(v.number(), v.minValue(0), v.maxValue(maximum));

/**
 * Each image is distorted anew whenever it is gathered, every part at random within its bounds (Simard,
 * Steinkraus and Platt, ICDAR 2003, section 2; Ciresan et al., arXiv:1003.0358).
 */
export interface Distortion {
  /** Degrees to either side. */
  readonly rotation: number;
  /** A share of width and height, drawn for each apart: 0.15 is from 85 % to 115 %. */
  readonly scale: number;
  /** Columns to either side for each row from the centre. */
  readonly shear: number;
  /** Pixels in each direction. */
  readonly shift: number;
  /** Standard deviation of the elastic field's displacements, in pixels. */
  readonly elastic: number;
  /** Standard deviation of the Gaussian that smooths the elastic field, in pixels. */
  readonly smoothness: number;
  /** Share of the training's steps at its end that see the images as they are. */
  readonly rest: number;
}

export const distortionSchema = v.object({
  rotation: upTo(90),
  scale: upTo(0.9),
  shear: upTo(2),
  shift: upTo(28),
  elastic: upTo(28),
  smoothness: v.pipe(v.number(), v.minValue(1), v.maxValue(28)),
  rest: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
} satisfies { [F in keyof Distortion]: v.GenericSchema<Distortion[F]> });

/** What digits bear well: Ciresan et al. (arXiv:1003.0358) take as much. */
export const DEFAULT_DISTORTION: Distortion = {
  rotation: 12,
  scale: 0.15,
  shear: 0.15,
  shift: 1.5,
  elastic: 1,
  smoothness: 5,
  rest: 0,
};

/**
 * Reads "none", or values that differ from the usual ones: "rotation=15,elastic=0.5".
 * @returns undefined for none; the values are checked with the recipe
 * @throws InputError naming what is no part of a distortion, or no number
 */
export function parseDistortion(text: string): Distortion | undefined {
  if (text === 'none') return undefined;
  const names = Object.keys(DEFAULT_DISTORTION);
  const given = text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [name, value = ''] = part.split('=').map((each) => each.trim());
      if (!names.includes(name) || value === '' || Number.isNaN(Number(value)))
        throw new InputError(`distortion "${part}": expected none, or NAME=NUMBER of ${names.join(', ')}`);
      return [name, Number(value)] as const;
    });
  return { ...DEFAULT_DISTORTION, ...Object.fromEntries(given) };
}

/** What {@link parseDistortion} reads back. */
export function formatDistortion(distortion: Distortion | undefined): string {
  if (!distortion) return 'none';
  return Object.entries(distortion)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

/**
 * Floating-point operations of a distorted pixel, about: where it comes from, its bend, and three mixtures.
 */
export const DISTORT_OPERATIONS = 30;

/** Pixels between two nodes of the elastic field; NODE in the kernels. */
const NODE = 4;

/** Nodes that so many pixels lie between. */
export function nodesOf(extent: number): number {
  return Math.floor((extent - 1) / NODE) + 2;
}

/** Nodes of a field that shaders/distort.wgsl has room for in each direction. */
const MAX_NODES = 15;

/**
 * No float32 sum shows a node of a smaller share, but its products would be subnormal numbers, which are
 * slow.
 */
const LEAST_SHARE = 2 ** -40;

/**
 * The Gaussian that smooths independent numbers at the nodes, one row a node, each of length 1 so that the
 * variance stays.
 * @param smoothness standard deviation in pixels
 * @returns float32 [nodes, nodes]
 */
export function smoothing(extent: number, smoothness: number): Float32Array {
  const nodes = nodesOf(extent);
  const weights = new Float32Array(nodes * nodes);
  for (let to = 0; to < nodes; to++) {
    const row = Array.from({ length: nodes }, (_, from) =>
      Math.exp(-(((from - to) * NODE) ** 2) / (2 * smoothness ** 2)),
    );
    const length = Math.hypot(...row);
    const shares = row.map((weight) => weight / length);
    weights.set(
      shares.map((share) => (share < LEAST_SHARE ? 0 : share)),
      to * nodes,
    );
  }
  return weights;
}

/** The constants of `distort` that a distortion makes. */
export function distortionConstants({ rotation, scale, shear, shift, elastic }: Distortion) {
  return {
    rotation: Math.tan((rotation * Math.PI) / 360),
    scale,
    shear,
    shift,
    // A uniform number in [−1, 1) has a standard deviation of 1/√3.
    elastic: elastic * Math.sqrt(3),
  };
}

/**
 * The extent of images to distort: square ones if nothing is said.
 * @throws InputError if they are not as said, or too large
 */
export function imageOf(inputs: number, image = squareOf(inputs)): { width: number; height: number } {
  const { width, height } = image;
  if (width * height !== inputs)
    throw new InputError(`distortion: expected images of ${inputs} pixels, not ${width}×${height}`);
  if (Math.max(nodesOf(width), nodesOf(height)) > MAX_NODES)
    throw new InputError(`distortion: images of ${width}×${height} pixels are too large, the limit is 56×56`);
  return image;
}

function squareOf(inputs: number): { width: number; height: number } {
  const side = Math.round(Math.sqrt(inputs));
  return { width: side, height: side };
}
