// The shapes on which every kernel is held against the oracle, and those on which it is timed.
import { ACTIVATION_CODES, type Activation } from '../network/activation.ts';
import { distortionConstants, nodesOf } from '../network/distortion_field.ts';
import type { KernelName } from '../network/kernels.ts';
import { droppedDraws, STREAM } from '../network/random.ts';

/** What the shapes of a set are made of. */
export interface Extents {
  readonly rows: readonly number[];
  readonly inputs: readonly number[];
  /** Or classes. */
  readonly units: readonly number[];
  /** Elements of what an optimizer updates. */
  readonly counts: readonly number[];
  readonly distorted: { readonly rows: readonly number[]; readonly images: typeof DISTORTED };
  /** Every activation and dropout in turn, or as most trainings have them: ReLU, and none. */
  readonly options: 'all' | 'usual';
}

const STRONG = { rotation: 15, scale: 0.15, shear: 0.2, shift: 2, elastic: 1, smoothness: 5, rest: 0 };
const DISTORTED = [
  { width: 28, height: 28, distortion: STRONG },
  { width: 28, height: 28, distortion: { ...STRONG, elastic: 0 } },
  { width: 14, height: 9, distortion: { ...STRONG, elastic: 3, shift: 8, rotation: 80 } },
  { width: 1, height: 5, distortion: STRONG },
];
/** Dropout of `dense_forward`: none twice, and a rate of 0.3. */
const DROPOUT = [0, 0, 0.3].map((rate) => ({ dropped: droppedDraws(rate), keptScale: 1 / (1 - rate) }));

/** Where tiles end in the middle, and where there is next to nothing. */
export const AWKWARD: Extents = {
  rows: [1, 7, 127],
  inputs: [1, 5, 17, 68, 784],
  units: [3, 10, 128, 132, 513],
  counts: [1, 3, 5, 17, 784, 4099],
  distorted: { rows: [1, 7, 33], images: DISTORTED },
  options: 'all',
};

/** Those of trainings on MNIST. */
export const USUAL: Extents = {
  rows: [128],
  inputs: [784, 128],
  units: [10, 128, 512],
  counts: [1280, 100_352],
  distorted: { rows: [128], images: DISTORTED.slice(0, 1) },
  options: 'usual',
};

const cross = <A, B>(a: readonly A[], b: readonly B[]): [A, B][] =>
  a.flatMap((x) => b.map((y): [A, B] => [x, y]));

export interface Shape {
  readonly shape: string;
  readonly dims: { readonly [dimension: string]: number };
  readonly constants: { readonly [constant: string]: number };
}

const CODES = Object.keys(ACTIVATION_CODES) as Activation[];

export function shapesOf(kernel: KernelName, extents: Extents): Shape[] {
  const { rows: batches, inputs: widths, counts, distorted, options } = extents;
  const isUsual = options === 'usual';
  switch (kernel) {
    case 'distort':
      return cross(distorted.rows, distorted.images).map(([rows, { width, height, distortion }]) => ({
        shape: `${rows}×${width}×${height}, ${distortion.elastic} px elastic`,
        dims: { rows, inputs: width * height, nodeRows: nodesOf(height), nodeColumns: nodesOf(width) },
        constants: {
          width,
          height,
          seed: 7,
          stream: STREAM.distortion,
          ...distortionConstants(distortion),
        },
      }));
    case 'gather_batch':
      return cross(batches, widths).map(([rows, inputs]) => ({
        shape: `${rows}×${inputs}`,
        dims: { rows, inputs },
        constants: { inputs, scale: 1 / 255 },
      }));
    case 'dense_forward':
      return dense(extents, (index) => ({
        activation: isUsual ? ACTIVATION_CODES.relu : index % CODES.length,
        ...DROPOUT[isUsual ? 0 : index % 3],
        seed: 7,
        stream: STREAM.dropout,
      }));
    case 'dense_backward_weight':
      return dense(extents, () => ({}));
    case 'dense_backward_input':
      return dense(extents, (index) => ({
        activation: isUsual ? ACTIVATION_CODES.relu : index % CODES.length,
        scale: isUsual || index % 2 ? 1 : 1.25,
      }));
    case 'softmax_cross_entropy':
      return classified(extents, (index, classes) => {
        const smoothing = index % 2 ? 0.1 : 0;
        return { classWeight: smoothing / classes, labelWeight: 1 - smoothing };
      });
    case 'confusion':
      return classified(extents, () => ({}));
    case 'gather_batch_int8':
      return cross(batches, widths).map(([rows, inputs]) => ({
        shape: `${rows}×${inputs}`,
        dims: { rows, inputs },
        constants: { inputs },
      }));
    case 'dense_forward_int8':
    case 'dense_output_int8':
      return dense(extents, () => ({}));
    case 'sgd':
      return counts.map((count) => ({
        shape: `${count}`,
        dims: { count },
        constants: { count, momentum: 0.9, weightDecay: count % 2 ? 0.01 : 0 },
      }));
    case 'adamw':
      return counts.map((count) => ({
        shape: `${count}`,
        dims: { count },
        constants: {
          count,
          oneMinusBeta1: 1 - 0.9,
          oneMinusBeta2: 1 - 0.999,
          epsilon: count % 2 ? 1e-7 : 1e-2,
          lookahead: count % 4 > 1 ? 1 - 0.9 : 0,
          weightDecay: count % 2 ? 0.01 : 0,
        },
      }));
  }
}

function dense(
  { rows: batches, inputs: widths, units: outputs }: Extents,
  extra: (index: number) => { [constant: string]: number },
): Shape[] {
  return cross(cross(batches, widths), outputs).map(([[rows, inputs], units], index) => {
    const constants = extra(index);
    const name = CODES.find((each) => ACTIVATION_CODES[each] === constants.activation) ?? '';
    const flags = [name, constants.dropped ? 'dropout' : ''];
    return {
      shape: [`${rows}×${inputs}→${units}`, ...flags].filter(Boolean).join(', '),
      dims: { rows, inputs, units },
      constants: { inputs, units, ...constants },
    };
  });
}

function classified(
  { rows: batches, units: outputs }: Extents,
  extra: (index: number, classes: number) => { [constant: string]: number },
): Shape[] {
  return cross(batches, outputs).map(([rows, classes], index) => ({
    shape: `${rows}×${classes}`,
    dims: { rows, classes },
    constants: { classes, ...extra(index, classes) },
  }));
}
