import { COST } from '../../../network/cost.ts';
import { groups, type WgslKernel } from './kernel.ts';
import { type Tile, tilesOf } from './tiles.ts';

export const dense_forward = {
  bindings: { activations: 'write', parameters: 'read' },
  constants: {
    inputs: 'uint32',
    units: 'uint32',
    activation: 'uint32',
    dropped: 'uint32',
    keptScale: 'float32',
    seed: 'uint32',
    stream: 'uint32',
    xAt: 'uint32',
    kernelAt: 'uint32',
    biasAt: 'uint32',
    yAt: 'uint32',
  },
  variants: tilesOf('dense_forward', { split: true }),
  grid:
    ({ constants }, tile) =>
    (rows) => [groups(constants.units, tile.columns), groups(rows, tile.rows)],
  cost: ({ constants }, rows) => COST.dense_forward(constants, rows),
} as const satisfies WgslKernel<Tile>;
