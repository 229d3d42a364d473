import { COST, fused, weightUpdate } from '../../../network/cost.ts';
import { packWords } from '../../../network/step.ts';
import type { Place } from '../place.ts';
import { groups, type LayerOperands, type WgslArguments, type WgslKernel } from './kernel.ts';
import { type Tile, tilesOf } from './tiles.ts';

export const dense_backward_weight: WgslKernel<Tile> = {
  bindings: {
    activations: 'read',
    gradients: 'read',
    parameters: 'write',
    state1: 'write',
    state2: 'write',
    layers: 'read',
  },
  constants: {
    layers: 'uint32',
    momentum: 'float32',
    oneMinusBeta1: 'float32',
    oneMinusBeta2: 'float32',
    epsilon: 'float32',
    lookahead: 'float32',
    weightDecay: 'float32',
  },
  variants: tilesOf('dense_backward_weight', { registerRows: 16 }),
  grid: ({ layers = [] }, tile) => {
    const total = layers.reduce((sum, layer) => sum + workgroupsOf(layer, tile), 0);
    return () => [total, 1];
  },
  cost: ({ overrides, layers = [] }, rows) => {
    const optimizer = ([undefined, 'sgd', 'adamw'] as const)[overrides?.OPTIMIZER ?? 0];
    const costOf = ({ inputs, units }: LayerOperands) =>
      optimizer
        ? weightUpdate(optimizer, { inputs, units }, rows)
        : COST.dense_backward_weight({ inputs, units }, rows);
    return fused(layers.map(costOf));
  },
};

function workgroupsOf({ inputs, units }: LayerOperands, { columns, rows }: Tile): number {
  return groups(units, columns) * groups(inputs, rows);
}

const LAYER = {
  inputs: 'uint32',
  units: 'uint32',
  xAt: 'uint32',
  dyAt: 'uint32',
  kernelAt: 'uint32',
  biasAt: 'uint32',
  first: 'uint32',
  unused: 'uint32',
} as const;

/** The binding `layers`: `array<Layer>`. */
export function layersTable(
  layers: readonly LayerOperands[],
  tile: Tile,
  places: ReadonlyMap<string, Place>,
): ArrayBuffer {
  const at = (buffer: string) => places.get(buffer)!.offset / 4;
  const record = 4 * Object.keys(LAYER).length;
  const table = new DataView(new ArrayBuffer(layers.length * record));
  let first = 0;
  for (const [index, layer] of layers.entries()) {
    const { inputs, units, x, dy, kernel, bias } = layer;
    const values = { inputs, units, xAt: at(x), dyAt: at(dy), kernelAt: at(kernel), biasAt: at(bias) };
    packWords(LAYER, { ...values, first, unused: 0 }, table, index * record);
    first += workgroupsOf(layer, tile);
  }
  return table.buffer as ArrayBuffer;
}

/** What is bound where the optimizer has no such state, as a binding must be filled. */
export function unusedState(binding: string, { overrides }: WgslArguments): string | undefined {
  const states = { state1: 1, state2: 2 }[binding];
  return states !== undefined && (overrides?.OPTIMIZER ?? 0) < states ? `unused${states}` : undefined;
}
