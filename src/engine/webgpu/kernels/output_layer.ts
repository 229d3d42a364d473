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
  cost: ({ constants: { inputs, classes }, overrides }, rows) => {
    const passes = overrides?.BACKWARD ? 2 : 1;
    return {
      operations: passes * 2 * rows * inputs * classes,
      bytes: 4 * (passes * rows * inputs + inputs * classes + 2 * rows * classes),
    };
  },
};
