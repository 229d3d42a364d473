// The products of other libraries as they hand them to WebGPU.

import { provideGpu } from '../../src/engine/adapter.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import type { Source } from './dawn.ts';

/** Rows and columns of both matrices: as many as the kernels for large ones want. */
const SIDE = 1024;

export interface PeerSource extends Source {
  readonly kernel: string;
}

export async function peerProducts(): Promise<PeerSource[]> {
  await provideGpu(nodeHost());
  return [
    { kernel: `tfjs-webgpu, product of ${SIDE}³`, wgsl: await longestShaderOf(multiplyInTfjs) },
    { kernel: `jax-js, product of ${SIDE}³`, wgsl: await longestShaderOf(multiplyInJax) },
  ];
}

async function multiplyInTfjs(): Promise<void> {
  const tf = await import('@tensorflow/tfjs-core');
  await import('@tensorflow/tfjs-backend-webgpu');
  await tf.setBackend('webgpu');
  const matrix = tf.ones([SIDE, SIDE]);
  await tf.matMul(matrix, matrix).data();
}

async function multiplyInJax(): Promise<void> {
  const { defaultDevice, init, numpy } = await import('@jax-js/jax');
  await init('webgpu');
  defaultDevice('webgpu');
  // It would make a constant of ones.
  const values = Float32Array.from({ length: SIDE * SIDE }, (_, i) => i % 7);
  const matrix = numpy.array(values, { shape: [SIDE, SIDE] });
  await numpy.dot(matrix.ref, matrix).data();
}

/** The longest shader that is made while something is computed: the others fill matrices. */
async function longestShaderOf(compute: () => Promise<void>): Promise<string> {
  const { prototype } = GPUDevice;
  const { createShaderModule } = prototype;
  let longest = '';
  prototype.createShaderModule = function (descriptor) {
    if (descriptor.code.length > longest.length) longest = descriptor.code;
    return createShaderModule.call(this, descriptor);
  };
  try {
    await compute();
  } finally {
    prototype.createShaderModule = createShaderModule;
  }
  return longest;
}
