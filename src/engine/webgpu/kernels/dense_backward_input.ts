import { COST } from '../../../network/cost.ts';
import { groups, type WgslKernel } from './kernel.ts';
import { type Tile, tilesOf } from './tiles.ts';

export const dense_backward_input: WgslKernel<Tile> = {
  bindings: { gradients: 'write', parameters: 'read', activations: 'read' },
  constants: {
    inputs: 'uint32',
    units: 'uint32',
    activation: 'uint32',
    scale: 'float32',
    dyAt: 'uint32',
    kernelAt: 'uint32',
    xAt: 'uint32',
    dxAt: 'uint32',
  },
  variants: tilesOf('dense_backward_input'),
  grid:
    ({ constants }, tile) =>
    (rows) => [groups(constants.inputs, tile.columns), groups(rows, tile.rows)],
  cost: ({ constants }, rows) => COST.dense_backward_input(constants, rows),
};
