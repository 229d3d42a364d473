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
  cost: ({ constants: { inputs, units }, overrides }, rows) => {
    const kept = overrides?.KEEP ? 4 * rows * inputs : 0;
    return {
      operations: 2 * rows * inputs * units,
      bytes: rows * inputs + kept + 4 * (inputs * units + rows * units),
    };
  },
};
