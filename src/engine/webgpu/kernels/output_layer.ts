import { COST, fused } from '../../../network/cost.ts';
import { groups, type WgslKernel } from './kernel.ts';

/** Of a workgroup of output_layer_by_invocation.wgsl. */
const ROWS = 4;

export const output_layer: WgslKernel = {
  bindings: {
    activations: 'write',
    parameters: 'read',
    targets: 'read',
    gradients: 'write',
    rowMetrics: 'write',
  },
  constants: {
    inputs: 'uint32',
    classes: 'uint32',
    classWeight: 'float32',
    labelWeight: 'float32',
    activation: 'uint32',
    scale: 'float32',
    xAt: 'uint32',
    kernelAt: 'uint32',
    biasAt: 'uint32',
    logitsAt: 'uint32',
    dlogitsAt: 'uint32',
    dxAt: 'uint32',
    capacity: 'uint32',
  },
  variants: [
    { name: 'a row a workgroup', shader: 'output_layer' },
    { name: 'a row an invocation', shader: 'output_layer_by_invocation' },
  ],
  grid: (_, { shader }) => {
    const perGroup = shader === 'output_layer' ? 1 : ROWS;
    return (rows) => [groups(rows, perGroup), 1];
  },
  cost: ({ constants, overrides }, rows) => {
    const { inputs, classes } = constants;
    const layer = { inputs, units: classes };
    const parts = [COST.dense_forward(layer, rows), COST.softmax_cross_entropy(constants, rows)];
    const logits = 4 * rows * classes;
    if (!overrides?.BACKWARD) return fused(parts, logits);
    // Neither are x, the kernel, the logits nor their gradients read again.
    const again = 4 * (rows * inputs + inputs * classes) + 2 * logits;
    return fused([...parts, COST.dense_backward_input(layer, rows)], again);
  },
};
