// What hidden units put out, and its derivative, which is taken from the output.

/** By the field's names. */
export type Activation = 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'linear';

/** The number of each stands in shaders/ and in assembly/activation.ts as well. */
export const ACTIVATION_CODES = {
  linear: 0,
  relu: 1,
  leaky_relu: 2,
  tanh: 3,
  sigmoid: 4,
} as const satisfies { readonly [A in Activation]: number };

/** The usual one first. */
export const ACTIVATIONS = [
  'relu',
  'leaky_relu',
  'tanh',
  'sigmoid',
  'linear',
] as const satisfies readonly Activation[];

/** The slope of `leaky_relu` below zero, TensorFlow's; the same number stands in shaders/ and assembly/. */
export const LEAK = 0.2;

/** @param code of ACTIVATION_CODES */
export function activate(code: number, z: number): number {
  switch (code) {
    case ACTIVATION_CODES.relu:
      return Math.max(z, 0);
    case ACTIVATION_CODES.leaky_relu:
      return z > 0 ? z : LEAK * z;
    case ACTIVATION_CODES.tanh:
      return Math.tanh(z);
    case ACTIVATION_CODES.sigmoid:
      return 1 / (1 + Math.exp(-z));
    default:
      return z;
  }
}

/**
 * The derivative of an activation and the dropout behind it, from what came out of both.
 * @param code of ACTIVATION_CODES
 * @param x the output; where units are dropped, one that is zero counts as dropped
 * @param scale what the units that were kept were multiplied with; 1 without dropout
 */
export function derivative(code: number, x: number, scale: number): number {
  if (scale !== 1 && x === 0) return 0;
  const a = x / scale;
  switch (code) {
    case ACTIVATION_CODES.relu:
      return x > 0 ? scale : 0;
    case ACTIVATION_CODES.leaky_relu:
      return x > 0 ? scale : LEAK * scale;
    case ACTIVATION_CODES.tanh:
      return (1 - a * a) * scale;
    case ACTIVATION_CODES.sigmoid:
      return a * (1 - a) * scale;
    default:
      return scale;
  }
}
