// From a plan's kernel calls to this engine's, which are fewer: the first layer gathers its batch, the last
// layer goes with its loss and the gradient of both, and all weight gradients go with their optimizers in
// one.
import { ACTIVATION_CODES } from '../../network/activation.ts';
import type { KernelCall } from '../../network/plan.ts';
import { updatedWeights } from '../updated_weights.ts';
import type { WgslCall } from './kernels/index.ts';
import type { LayerOperands } from './kernels/kernel.ts';

/** output_layer.wgsl keeps a row's logits in workgroup memory. */
const MAX_OUTPUT_CLASSES = 256;

/** Rows whose metrics output_layer.wgsl keeps apart until the end of a run: 16 MB of them. */
const MAX_OUTPUT_ROWS = 4096;

/** `OPTIMIZER` in dense_backward_weight.wgsl. */
const OPTIMIZER = { sgd: 1, adamw: 2 } as const;

type Optimizer = keyof typeof OPTIMIZER;

/** @param rows that a step may have */
export function toWgslCalls(calls: readonly KernelCall[], rows: number, fuse: boolean): WgslCall[] {
  if (!fuse) return calls.map(draft);
  const drafts = fuseUpdates(calls);
  const gathered = fuseGather(drafts);
  return rows <= MAX_OUTPUT_ROWS ? fuseOutput(gathered) : gathered;
}

function draft(call: KernelCall): WgslCall {
  const { kernel, operands, constants } = call;
  if (kernel !== 'dense_backward_weight') return { kernel, operands, constants };
  const { dkernel, dbias } = operands;
  return weightCall([{ ...layerOf(call), kernel: dkernel, bias: dbias }], 0, {});
}

function layerOf({ operands, constants }: KernelCall): Pick<LayerOperands, 'inputs' | 'units' | 'x' | 'dy'> {
  return { inputs: constants.inputs, units: constants.units, x: operands.x, dy: operands.dy };
}

function weightCall(
  layers: readonly LayerOperands[],
  optimizer: number,
  { momentum, oneMinusBeta1, oneMinusBeta2, epsilon, lookahead, weightDecay }: KernelCall['constants'],
): WgslCall {
  return {
    kernel: 'dense_backward_weight',
    operands: {},
    constants: {
      layers: layers.length,
      momentum: momentum ?? 0,
      oneMinusBeta1: oneMinusBeta1 ?? 0,
      oneMinusBeta2: oneMinusBeta2 ?? 0,
      epsilon: epsilon ?? 0,
      lookahead: lookahead ?? 0,
      weightDecay: weightDecay ?? 0,
    },
    overrides: { OPTIMIZER: optimizer },
    layers,
  };
}

/**
 * Every layer's weight gradient and update in one call at the end, when nothing reads the old weights any
 * more.
 */
function fuseUpdates(calls: readonly KernelCall[]): WgslCall[] {
  const updated = updatedWeights(calls);
  const weights = calls.filter(({ kernel }) => kernel === 'dense_backward_weight');
  if (updated.length === 0 || updated.length < weights.length) return calls.map(draft);
  const layers = updated.map(
    ({ weight, kernelUpdate, biasUpdate }): LayerOperands => ({
      ...layerOf(weight),
      kernel: kernelUpdate.operands.parameter,
      bias: biasUpdate.operands.parameter,
    }),
  );
  const { kernel, constants } = updated[0].kernelUpdate;
  const rest = calls.filter((call) => !weights.includes(call) && !(call.kernel in OPTIMIZER));
  return [...rest.map(draft), weightCall(layers, OPTIMIZER[kernel as Optimizer], constants)];
}

/** gather_batch with the dense_forward that reads its x. */
function fuseGather(calls: readonly WgslCall[]): WgslCall[] {
  const gather = calls.find(({ kernel }) => kernel === 'gather_batch');
  const first = calls.find(
    ({ kernel, operands }) => kernel === 'dense_forward' && operands.x === gather?.operands.x,
  );
  // Its pixels come four to a word.
  if (!gather || !first || first.constants.inputs % 4 !== 0) return [...calls];
  const fused: WgslCall = {
    kernel: 'gather_dense_forward',
    operands: { ...gather.operands, ...first.operands },
    constants: { ...first.constants, scale: gather.constants.scale },
    overrides: { KEEP: Number(calls.some(({ layers }) => layers?.some(({ x }) => x === gather.operands.x))) },
  };
  return calls.flatMap((call) => (call === first ? [] : call === gather ? [fused] : [call]));
}

/**
 * The dense_forward that makes the logits with their softmax_cross_entropy and the dense_backward_input that
 * follows.
 */
function fuseOutput(calls: readonly WgslCall[]): WgslCall[] {
  const softmax = calls.find(({ kernel }) => kernel === 'softmax_cross_entropy');
  const forward = calls.find(
    ({ kernel, operands }) => kernel === 'dense_forward' && operands.y === softmax?.operands.logits,
  );
  if (!softmax || !forward) return [...calls];
  const { inputs, units: classes, activation, dropped } = forward.constants;
  if (activation !== ACTIVATION_CODES.linear || dropped || classes > MAX_OUTPUT_CLASSES) return [...calls];
  const backward = calls.find(
    ({ kernel, operands }) =>
      kernel === 'dense_backward_input' &&
      operands.dy === softmax.operands.dlogits &&
      operands.kernel === forward.operands.kernel,
  );
  const { x, kernel, bias, y: logits } = forward.operands;
  const { targets, dlogits, metrics } = softmax.operands;
  const fused: WgslCall = {
    kernel: 'output_layer',
    operands: { x, kernel, bias, logits, targets, dlogits, metrics, dx: backward?.operands.dx ?? dlogits },
    constants: {
      inputs,
      classes,
      classWeight: softmax.constants.classWeight,
      labelWeight: softmax.constants.labelWeight,
      activation: backward?.constants.activation ?? ACTIVATION_CODES.linear,
      scale: backward?.constants.scale ?? 1,
    },
    overrides: { BACKWARD: Number(backward !== undefined) },
  };
  return calls.flatMap((call) =>
    call === softmax || call === backward ? [] : call === forward ? [fused] : [call],
  );
}
