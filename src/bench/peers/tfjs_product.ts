// The product of one dense kernel by TensorFlow.js, on the same operands: x·kernel and what follows it, or one
// of its two gradients.
import * as tf from '@tensorflow/tfjs-core';
import type { Host } from '../../engine/host.ts';
import { InputError } from '../../errors.ts';
import { ACTIVATION_CODES, LEAK } from '../../network/activation.ts';
import type { KernelName } from '../../network/kernels.ts';
import type { KernelCase } from '../../validation/cases.ts';
import type { Contestant } from '../contestant.ts';
import { about, type TfjsBackend, use } from './tfjs_backend.ts';

/** The kernels of which tfjs has the same product, with the operand that it is. */
const PRODUCTS = {
  dense_forward: 'y',
  dense_backward_weight: 'dkernel',
  dense_backward_input: 'dx',
} as const satisfies { readonly [K in KernelName]?: string };

type Product = keyof typeof PRODUCTS;

export function tfjsResultOf(kernel: KernelName): string | undefined {
  return kernel in PRODUCTS ? PRODUCTS[kernel as Product] : undefined;
}

/** @throws InputError if tfjs has no such product */
export async function tfjsProduct(
  kernelCase: KernelCase,
  host: Host,
  backend: TfjsBackend,
): Promise<Contestant> {
  const { kernel, constants } = kernelCase;
  if (!(kernel in PRODUCTS)) throw new InputError(`tfjs has no kernel like ${kernel}`);
  if (constants.dropped) throw new InputError('tfjs has no such dropout');
  const variant = { name: `tfjs-${backend}`, backend, threads: 1 };
  await use(variant, host);
  const operands = tensorsOf(kernelCase);
  const compute = () => tf.tidy(() => multiply(kernel as Product, operands, constants));
  return {
    ...about(variant),
    async run(count) {
      await use(variant, host);
      for (let n = 1; n < count; n++) tf.dispose(compute());
      await readAndDispose(compute());
    },
    async answer() {
      await use(variant, host);
      return readAndDispose(compute());
    },
    dispose: () => tf.dispose(Object.values(operands)),
  };
}

async function readAndDispose(results: readonly tf.Tensor[]): Promise<Float32Array> {
  const values = (await results[0].data()) as Float32Array;
  tf.dispose([...results]);
  return values;
}

/** Rows in use only: tfjs takes no more. */
function tensorsOf({ buffers, contents, step }: KernelCase): { readonly [operand: string]: tf.Tensor2D } {
  return Object.fromEntries(
    Object.entries(buffers).map(([name, { shape }]) => {
      const columns = shape.at(-1)!;
      const isOfRows = name !== 'kernel' && name !== 'dkernel' && shape.length > 1;
      const rows = isOfRows ? step.rows : contents[name].length / columns;
      const values = Float32Array.from(contents[name].subarray(0, rows * columns));
      return [name, tf.tensor2d(values, [rows, columns])];
    }),
  );
}

/** @returns the product first */
function multiply(
  kernel: Product,
  { x, kernel: weights, bias, dy }: { readonly [operand: string]: tf.Tensor2D },
  { activation, scale }: { readonly [constant: string]: number },
): tf.Tensor[] {
  switch (kernel) {
    case 'dense_forward':
      return [activated(tf.add(tf.matMul(x, weights), bias), activation)];
    case 'dense_backward_weight':
      return [tf.matMul(x, dy, true, false), tf.sum(dy, 0)];
    case 'dense_backward_input':
      return [tf.mul(tf.matMul(dy, weights, false, true), derived(x, activation, scale))];
  }
}

function activated(z: tf.Tensor, code: number): tf.Tensor {
  switch (code) {
    case ACTIVATION_CODES.relu:
      return tf.relu(z);
    case ACTIVATION_CODES.leaky_relu:
      return tf.leakyRelu(z, LEAK);
    case ACTIVATION_CODES.tanh:
      return tf.tanh(z);
    case ACTIVATION_CODES.sigmoid:
      return tf.sigmoid(z);
    default:
      return z;
  }
}

/** As derivative() in src/network/activation.ts. */
function derived(x: tf.Tensor, code: number, scale: number): tf.Tensor {
  const kept = scale === 1 ? tf.scalar(1) : tf.cast(tf.notEqual(x, 0), 'float32');
  const a = tf.div(x, scale);
  const slope = () => {
    switch (code) {
      case ACTIVATION_CODES.relu:
        return tf.step(x);
      case ACTIVATION_CODES.leaky_relu:
        return tf.add(tf.mul(tf.step(x), 1 - LEAK), LEAK);
      case ACTIVATION_CODES.tanh:
        return tf.sub(1, tf.square(a));
      case ACTIVATION_CODES.sigmoid:
        return tf.mul(a, tf.sub(1, a));
      default:
        return tf.onesLike(x);
    }
  };
  return tf.mul(tf.mul(slope(), scale), kept);
}
