// From a call to a dispatch: its constants as bytes, what it binds, and the grid that covers its output.
import { packWords } from '../../network/kernels.ts';
import type { Place } from './arenas.ts';
import type { LayerOperands, WgslCall } from './fusions.ts';
import { WGSL_KERNELS, type WgslKernel } from './kernels.ts';
import { type Capabilities, isProduct, selectTiling, type Tiling, VARIANTS } from './tiling.ts';

/** Workgroups in x and y for the rows of a step. */
export type Grid = (rows: number) => readonly [number, number];

/** Workgroups of a kernel that walks its elements in strides of the whole grid. */
const STRIDED_GROUPS = 4096;

/** Invocations of a workgroup of the kernels that are no products. */
const WORKGROUP = 64;

/** Rows of a workgroup of distort.wgsl. */
const DISTORT_ROWS = 4;

/** Rows of a workgroup of output_layer_wide.wgsl. */
const OUTPUT_ROWS = 4;

const groups = (items: number, perGroup: number) => Math.ceil(items / perGroup);

/** Rows and columns of the outputs of a product's call, for so many rows of the batch. */
export function outputsOf({ kernel, constants, layers = [] }: WgslCall, rows: number): [number, number][] {
  if (kernel === 'dense_backward_weight') return layers.map(({ inputs, units }) => [inputs, units]);
  return [[rows, kernel === 'dense_backward_input' ? constants.inputs : constants.units]];
}

export function tilingOf(call: WgslCall, rows: number, capabilities: Capabilities): Tiling {
  return selectTiling(isProduct(call.kernel) ? outputsOf(call, rows) : [], capabilities);
}

export function gridOf(call: WgslCall, tiling: Tiling): Grid {
  const { kernel, constants } = call;
  const { columns, rows: tileRows } = VARIANTS[tiling];
  switch (kernel) {
    case 'distort':
      return (rows) => [groups(rows, DISTORT_ROWS), 1];
    case 'gather_batch':
      return (rows) => [groups(constants.inputs, WORKGROUP), rows];
    case 'gather_dense_forward':
    case 'dense_forward':
      return (rows) => [groups(constants.units, columns), groups(rows, tileRows)];
    case 'dense_backward_input':
      return (rows) => [groups(constants.inputs, columns), groups(rows, tileRows)];
    case 'dense_backward_weight': {
      const total = call.layers!.reduce((sum, layer) => sum + workgroupsOf(layer, tiling), 0);
      return () => [total, 1];
    }
    case 'sgd':
    case 'adamw':
      return () => [Math.min(groups(constants.count, WORKGROUP), STRIDED_GROUPS), 1];
    case 'output_layer':
      return (rows) => [tiling === 'wide' ? groups(rows, OUTPUT_ROWS) : rows, 1];
    case 'sum_metrics':
      return (rows) => [rows, 1];
    case 'confusion':
      return (rows) => [groups(rows, WORKGROUP), 1];
    case 'softmax_cross_entropy':
      return () => [1, 1];
  }
}

function workgroupsOf({ inputs, units }: LayerOperands, tiling: Tiling): number {
  const { columns, inputs: tileInputs } = VARIANTS[tiling];
  return groups(units, columns) * groups(inputs, tileInputs);
}

/** The kernel's constants; where operands lie is added under the names that end in "At", in elements. */
export function constantsOf({ kernel, operands, constants }: WgslCall, places: ReadonlyMap<string, Place>) {
  const { constants: fields } = WGSL_KERNELS[kernel] as WgslKernel;
  const values: { [name: string]: number } = { ...constants };
  for (const [operand, buffer] of Object.entries(operands)) {
    const at = places.get(buffer);
    if (at) values[`${operand}At`] = at.offset / 4;
  }
  return packed(fields, values);
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

/** The layers of a dense_backward_weight: `array<Layer>`. */
export function layersOfCall(
  layers: readonly LayerOperands[],
  tiling: Tiling,
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
    first += workgroupsOf(layer, tiling);
  }
  return table.buffer as ArrayBuffer;
}

function packed(
  fields: { readonly [name: string]: 'uint32' | 'float32' },
  values: { readonly [name: string]: number },
): ArrayBuffer {
  const missing = Object.keys(fields).find((name) => values[name] === undefined);
  if (missing) throw new Error(`a kernel's constant "${missing}" is missing`);
  const bytes = new ArrayBuffer(4 * Object.keys(fields).length);
  packWords(fields, values, new DataView(bytes));
  return bytes;
}

/**
 * The GPU buffers that a call binds, in the order of its bindings: placed ones, or such as the executor keeps
 * itself.
 */
export function boundBuffers(
  { kernel, operands, overrides, layers }: WgslCall,
  places: ReadonlyMap<string, Place>,
): string[] {
  const { bindings } = WGSL_KERNELS[kernel] as WgslKernel;
  return Object.keys(bindings).map((name) => {
    if (kernel === 'dense_backward_weight') {
      if (name === 'parameters') return places.get(layers![0].kernel)!.buffer;
      const states = { state1: 1, state2: 2 }[name];
      // A binding must be filled, also where the optimizer has no such state.
      if (states !== undefined && (overrides?.OPTIMIZER ?? 0) < states) return `unused${states}`;
    }
    const operand = operands[name];
    return operand === undefined ? name : places.get(operand)!.buffer;
  });
}
