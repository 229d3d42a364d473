import { alone, type WgslKernel } from './kernel.ts';

export const sum_metrics: WgslKernel = {
  bindings: { steps: 'read', rowMetrics: 'read', metrics: 'write' },
  constants: { capacity: 'uint32', stride: 'uint32' },
  variants: alone('sum_metrics'),
  grid: () => (rows) => [rows, 1],
  cost: ({ constants }, rows) => ({
    operations: 2 * rows * constants.capacity,
    bytes: 8 * rows * constants.capacity,
  }),
};
