import { COST } from '../../../network/cost.ts';
import { alone, groups, type WgslKernel, WORKGROUP } from './kernel.ts';

export const gather_batch: WgslKernel = {
  bindings: { images: 'read', labels: 'read', order: 'read', activations: 'write', targets: 'write' },
  constants: { inputs: 'uint32', scale: 'float32', xAt: 'uint32' },
  variants: alone('gather_batch'),
  grid:
    ({ constants }) =>
    (rows) => [groups(constants.inputs, WORKGROUP), rows],
  cost: ({ constants }, rows) => COST.gather_batch(constants, rows),
};
