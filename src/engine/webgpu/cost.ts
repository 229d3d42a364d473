// What a call computes and moves: the measure of a profile.
import { DISTORT_OPERATIONS } from '../../network/distortion.ts';
import type { WgslCall } from './fusions.ts';

/** "dense_forward 784→128" */
export function titleOf({ kernel, constants, layers = [] }: WgslCall): string {
  const { inputs, units, classes, count } = constants;
  const shapes = layers.map((layer) => `${layer.inputs}→${layer.units}`);
  if (inputs !== undefined && (units ?? classes) !== undefined) shapes.push(`${inputs}→${units ?? classes}`);
  return [kernel, shapes.join(', ') || (count ?? classes ?? inputs ?? '')].join(' ').trim();
}

/** Floating-point operations, and the bytes that must be read and written at least. */
export function costOf(
  { kernel, constants, overrides, layers = [] }: WgslCall,
  rows: number,
): { operations: number; bytes: number } {
  const { inputs = 0, units = constants.classes ?? 0, count = 0 } = constants;
  const product = 2 * rows * inputs * units;
  switch (kernel) {
    case 'distort': {
      const pixels = rows * constants.width * constants.height;
      return { operations: DISTORT_OPERATIONS * pixels, bytes: 2 * pixels };
    }
    case 'gather_batch':
      return { operations: rows * inputs, bytes: 5 * rows * inputs };
    case 'gather_dense_forward': {
      const kept = overrides?.KEEP ? 4 * rows * inputs : 0;
      return { operations: product, bytes: rows * inputs + kept + 4 * (inputs * units + rows * units) };
    }
    case 'dense_forward':
      return { operations: product, bytes: 4 * (rows * inputs + inputs * units + rows * units) };
    case 'dense_backward_input':
      return { operations: product, bytes: 4 * (2 * rows * inputs + inputs * units + rows * units) };
    case 'output_layer': {
      const passes = overrides?.BACKWARD ? 2 : 1;
      return {
        operations: passes * product,
        bytes: 4 * (passes * rows * inputs + inputs * units + 2 * rows * units),
      };
    }
    case 'dense_backward_weight': {
      // Stored once; or the parameter and each state are read and written.
      const optimizer = overrides?.OPTIMIZER ?? 0;
      const tensors = optimizer === 0 ? 1 : 2 * (1 + optimizer);
      return layers.reduce(
        (sum, layer) => ({
          operations: sum.operations + 2 * rows * layer.inputs * layer.units,
          bytes:
            sum.bytes +
            4 * (rows * (layer.inputs + layer.units) + tensors * (layer.inputs + 1) * layer.units),
        }),
        { operations: 0, bytes: 0 },
      );
    }
    case 'sgd':
      return { operations: 5 * count, bytes: 4 * 5 * count };
    case 'adamw':
      return { operations: 14 * count, bytes: 4 * 7 * count };
    case 'softmax_cross_entropy':
      return { operations: 6 * rows * units, bytes: 8 * rows * units };
    case 'confusion':
    case 'sum_metrics':
      return { operations: 0, bytes: 4 * rows * units };
  }
}
