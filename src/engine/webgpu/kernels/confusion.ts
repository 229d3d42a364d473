import { COST } from '../../../network/cost.ts';
import { alone, groups, type WgslKernel, WORKGROUP } from './kernel.ts';

export const confusion: WgslKernel = {
  bindings: { activations: 'read', targets: 'read', confusion: 'write' },
  constants: { classes: 'uint32', logitsAt: 'uint32' },
  variants: alone('confusion'),
  grid: () => (rows) => [groups(rows, WORKGROUP), 1],
  cost: ({ constants }, rows) => COST.confusion(constants, rows),
};
