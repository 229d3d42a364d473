// What the kernel `distort` takes of a distortion: its constants, and the nodes of its elastic field.
import { InputError } from '../errors.ts';
import type { Distortion } from './distortion.ts';

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
