import { COST, fused } from '../../../network/cost.ts';
import { dense_forward } from './dense_forward.ts';
import type { WgslKernel } from './kernel.ts';
import { type Tile, tilesOf } from './tiles.ts';

export const gather_dense_forward: WgslKernel<Tile> = {
  bindings: {
    images: 'read',
    labels: 'read',
    order: 'read',
    activations: 'write',
    parameters: 'read',
    targets: 'write',
  },
  constants: { ...dense_forward.constants, scale: 'float32' },
  variants: tilesOf('gather_dense_forward', { split: true }),
  grid: dense_forward.grid,
  cost: ({ constants, overrides }, rows) => {
    const parts = [COST.gather_batch(constants, rows), COST.dense_forward(constants, rows)];
    // x is not read again, and written only if it is kept.
    const x = 4 * rows * constants.inputs;
    return fused(parts, overrides?.KEEP ? x : 2 * x);
  },
};
