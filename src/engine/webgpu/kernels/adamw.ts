import { COST } from '../../../network/cost.ts';
import { alone, type WgslKernel } from './kernel.ts';
import { stridedGrid } from './strided.ts';

export const adamw: WgslKernel = {
  bindings: { parameters: 'write', parameterGradients: 'read', state1: 'write', state2: 'write' },
  constants: {
    count: 'uint32',
    oneMinusBeta1: 'float32',
    oneMinusBeta2: 'float32',
    epsilon: 'float32',
    lookahead: 'float32',
    weightDecay: 'float32',
    parameterAt: 'uint32',
    gradientAt: 'uint32',
    moment1At: 'uint32',
    moment2At: 'uint32',
  },
  variants: alone('adamw'),
  grid: stridedGrid,
  cost: ({ constants }, rows) => COST.adamw(constants, rows),
};
