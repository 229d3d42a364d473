import { COST } from '../../../network/cost.ts';
import { alone, type WgslKernel } from './kernel.ts';

export const softmax_cross_entropy: WgslKernel = {
  bindings: { activations: 'read', targets: 'read', gradients: 'write', metrics: 'write' },
  constants: {
    classes: 'uint32',
    classWeight: 'float32',
    labelWeight: 'float32',
    logitsAt: 'uint32',
    dlogitsAt: 'uint32',
  },
  variants: alone('softmax_cross_entropy'),
  grid: () => () => [1, 1],
  cost: ({ constants }, rows) => COST.softmax_cross_entropy(constants, rows),
};
