// The WGSL kernels: source, bindings and constants of each, and the grid that covers its output.
import adamw from '../../../shaders/adamw.wgsl?raw';
import confusion from '../../../shaders/confusion.wgsl?raw';
import dense_backward_input from '../../../shaders/dense_backward_input.wgsl?raw';
import dense_backward_input_wide from '../../../shaders/dense_backward_input_wide.wgsl?raw';
import dense_backward_weight from '../../../shaders/dense_backward_weight.wgsl?raw';
import dense_backward_weight_wide from '../../../shaders/dense_backward_weight_wide.wgsl?raw';
import dense_forward from '../../../shaders/dense_forward.wgsl?raw';
import dense_forward_wide from '../../../shaders/dense_forward_wide.wgsl?raw';
import distort from '../../../shaders/distort.wgsl?raw';
import gather_batch from '../../../shaders/gather_batch.wgsl?raw';
import gather_dense_forward from '../../../shaders/gather_dense_forward.wgsl?raw';
import gather_dense_forward_wide from '../../../shaders/gather_dense_forward_wide.wgsl?raw';
import output_layer from '../../../shaders/output_layer.wgsl?raw';
import output_layer_wide from '../../../shaders/output_layer_wide.wgsl?raw';
import sgd from '../../../shaders/sgd.wgsl?raw';
import softmax_cross_entropy from '../../../shaders/softmax_cross_entropy.wgsl?raw';
import sum_metrics from '../../../shaders/sum_metrics.wgsl?raw';
import { KERNELS } from '../../network/kernels.ts';

/** The files in shaders/ by their names. */
export const WGSL_SOURCES = {
  adamw,
  confusion,
  dense_backward_input,
  dense_backward_input_wide,
  dense_backward_weight,
  dense_backward_weight_wide,
  dense_forward,
  dense_forward_wide,
  distort,
  gather_batch,
  gather_dense_forward,
  gather_dense_forward_wide,
  output_layer,
  output_layer_wide,
  sgd,
  softmax_cross_entropy,
  sum_metrics,
} as const;

export type WgslSources = { readonly [S in keyof typeof WGSL_SOURCES]: string };

/** Bindings of group 0 in order, before the constants: the arena that is bound, and whether it is written. */
type Bindings = { readonly [name: string]: 'read' | 'write' };

type Fields = { readonly [name: string]: 'uint32' | 'float32' };

export interface WgslKernel {
  readonly bindings: Bindings;
  /** The fields of `constants`, in order. */
  readonly constants: Fields;
}

const DENSE_FORWARD: Fields = {
  inputs: 'uint32',
  units: 'uint32',
  relu: 'uint32',
  dropped: 'uint32',
  keptScale: 'float32',
  seed: 'uint32',
  stream: 'uint32',
  xAt: 'uint32',
  kernelAt: 'uint32',
  biasAt: 'uint32',
  yAt: 'uint32',
};

/** What the engine dispatches: the kernels of the table, and those that fuse several of them. */
export const WGSL_KERNELS = {
  distort: {
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
  },
  gather_batch: {
    bindings: { images: 'read', labels: 'read', order: 'read', activations: 'write', targets: 'write' },
    constants: { inputs: 'uint32', scale: 'float32', xAt: 'uint32' },
  },
  gather_dense_forward: {
    bindings: {
      images: 'read',
      labels: 'read',
      order: 'read',
      activations: 'write',
      parameters: 'read',
      targets: 'write',
    },
    constants: { ...DENSE_FORWARD, scale: 'float32' },
  },
  dense_forward: { bindings: { activations: 'write', parameters: 'read' }, constants: DENSE_FORWARD },
  softmax_cross_entropy: {
    bindings: { activations: 'read', targets: 'read', gradients: 'write', metrics: 'write' },
    constants: {
      classes: 'uint32',
      classWeight: 'float32',
      labelWeight: 'float32',
      logitsAt: 'uint32',
      dlogitsAt: 'uint32',
    },
  },
  output_layer: {
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
  },
  sum_metrics: {
    bindings: { steps: 'read', rowMetrics: 'read', metrics: 'write' },
    constants: { capacity: 'uint32', stride: 'uint32' },
  },
  dense_backward_input: {
    bindings: { gradients: 'write', parameters: 'read', activations: 'read' },
    constants: {
      inputs: 'uint32',
      units: 'uint32',
      scale: 'float32',
      dyAt: 'uint32',
      kernelAt: 'uint32',
      xAt: 'uint32',
      dxAt: 'uint32',
    },
  },
  dense_backward_weight: {
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
      weightDecay: 'float32',
    },
  },
  sgd: {
    bindings: { parameters: 'write', parameterGradients: 'read', state1: 'write' },
    constants: {
      count: 'uint32',
      momentum: 'float32',
      weightDecay: 'float32',
      parameterAt: 'uint32',
      gradientAt: 'uint32',
      velocityAt: 'uint32',
    },
  },
  adamw: {
    bindings: { parameters: 'write', parameterGradients: 'read', state1: 'write', state2: 'write' },
    constants: {
      count: 'uint32',
      oneMinusBeta1: 'float32',
      oneMinusBeta2: 'float32',
      epsilon: 'float32',
      weightDecay: 'float32',
      parameterAt: 'uint32',
      gradientAt: 'uint32',
      moment1At: 'uint32',
      moment2At: 'uint32',
    },
  },
  confusion: {
    bindings: { activations: 'read', targets: 'read', confusion: 'write' },
    constants: { classes: 'uint32', logitsAt: 'uint32' },
  },
} as const satisfies { readonly [kernel: string]: WgslKernel };

export type WgslKernelName = keyof typeof WGSL_KERNELS;
