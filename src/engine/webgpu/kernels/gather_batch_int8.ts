import { COST } from '../../../network/cost.ts';
import { alone, groups, type WgslKernel, WORKGROUP } from './kernel.ts';

export const gather_batch_int8: WgslKernel = {
  bindings: { images: 'read', labels: 'read', order: 'read', activations: 'write', targets: 'write' },
  constants: { inputs: 'uint32', xAt: 'uint32' },
  variants: alone('gather_batch_int8'),
  grid:
    ({ constants }) =>
    (rows) => [groups(constants.inputs, 4 * WORKGROUP), rows],
  cost: ({ constants }, rows) => COST.gather_batch_int8(constants, rows),
};
