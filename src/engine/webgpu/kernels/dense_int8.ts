// The layers of int8 networks.
import { COST } from '../../../network/cost.ts';
import { alone, groups, type WgslKernel } from './kernel.ts';

/** ACROSS and DOWN in the shaders. */
const [ACROSS, DOWN] = [16, 4];

const bindings = { activations: 'write', parameters: 'read' } as const;
const constants = {
  inputs: 'uint32',
  units: 'uint32',
  xAt: 'uint32',
  kernelAt: 'uint32',
  biasAt: 'uint32',
  scaleAt: 'uint32',
  yAt: 'uint32',
} as const;

/** An invocation computes 8 rows × 4 units. */
export const dense_forward_int8: WgslKernel = {
  bindings,
  constants,
  variants: alone('dense_forward_int8'),
  grid:
    ({ constants }) =>
    (rows) => [groups(constants.units, 4 * ACROSS), groups(rows, 8 * DOWN)],
  cost: ({ constants }, rows) => COST.dense_forward_int8(constants, rows),
};

export const dense_output_int8: WgslKernel = {
  bindings,
  constants,
  variants: alone('dense_output_int8'),
  grid:
    ({ constants }) =>
    (rows) => [groups(constants.units, ACROSS), groups(rows, DOWN)],
  cost: ({ constants }, rows) => COST.dense_output_int8(constants, rows),
};
