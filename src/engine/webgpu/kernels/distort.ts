import { COST } from '../../../network/cost.ts';
import { KERNELS } from '../../../network/kernels.ts';
import { groups, type WgslKernel } from './kernel.ts';

/** Of a workgroup. */
const ROWS = 4;

export const distort: WgslKernel = {
  bindings: {
    images: 'read',
    labels: 'read',
    order: 'read',
    smoothRows: 'read',
    smoothColumns: 'read',
    distorted: 'write',
    distortedLabels: 'write',
  },
  constants: KERNELS.distort.constants,
  variants: [
    { name: '256 invocations', shader: 'distort' },
    // On a processor each invocation is a coroutine, and each barrier switches between all of them.
    { name: '64 invocations', shader: 'distort', constants: { WORKGROUP: 64 } },
  ],
  grid: () => (rows) => [groups(rows, ROWS), 1],
  cost: ({ constants }, rows) => COST.distort(constants, rows),
};
