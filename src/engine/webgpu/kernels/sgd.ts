import { COST } from '../../../network/cost.ts';
import { alone, type WgslKernel } from './kernel.ts';
import { stridedGrid } from './strided.ts';

export const sgd: WgslKernel = {
  bindings: { parameters: 'write', parameterGradients: 'read', state1: 'write' },
  constants: {
    count: 'uint32',
    momentum: 'float32',
    weightDecay: 'float32',
    parameterAt: 'uint32',
    gradientAt: 'uint32',
    velocityAt: 'uint32',
  },
  variants: alone('sgd'),
  grid: stridedGrid,
  cost: ({ constants }, rows) => COST.sgd(constants, rows),
};
