// Other values for a case than those drawn at random: real digits, and what rounding and signs stumble over.
import type { Samples } from '../data/dataset.ts';
import type { ElementType, KernelName } from '../network/kernels.ts';
import { KERNELS } from '../network/kernels.ts';
import type { TypedArray } from '../network/plan.ts';
import { typedArray } from '../network/plan.ts';
import { hash } from '../network/random.ts';
import type { KernelCase } from './cases.ts';

export const INPUTS = ['random', 'mnist', 'edges'] as const;
export type Inputs = (typeof INPUTS)[number];

const PIXELS = 784;

/** Zeros of both signs, subnormal numbers, the least normal ones, neighbours of 1, and large numbers. */
const EDGES: { readonly [T in ElementType]: readonly number[] } = {
  float32: [0, -0, 1, -1, 2 ** -140, -(2 ** -149), 2 ** -126, 1 + 2 ** -23, -(1 - 2 ** -24), 1000, -0.001],
  uint32: [0, 1],
  int32: [0, 1, -1, 2 ** 17, -(2 ** 17)],
  uint8: [0, 255, 1, 254, 128],
  int8: [0, 127, -127, 1, -1],
};

/** Of operands that must not have any of those, by name and type. */
const OWN_EDGES: { readonly [operandAndType: string]: readonly number[] } = {
  'logits float32': [0, -0, 100, -100, 2 ** -140, 100, 1],
  // An estimate of a square; tiny ones have their own definition.
  'moment2 float32': [0, 1, 2 ** -140, 1000, 1 - 2 ** -24],
  'scale float32': [2 ** -8, 2 ** -9, 2 ** -126, 1],
  'x uint8': [0, 127, 1, 126],
};

/** Indices, and matrices that a kernel's definition fixes. */
const KEPT = ['order', 'targets', 'labels', 'smoothRows', 'smoothColumns', 'confusion', 'metrics'];

/** Whether a kernel sees pixels or labels, so that real digits say something. */
export function takesDigits(kernel: KernelName): boolean {
  const names = Object.keys(KERNELS[kernel].operands);
  return ['images', 'x', 'targets'].some((name) => names.includes(name));
}

/** The case with such values: of numbers where signs, zeros and the ends of float32 meet. */
export function withEdges(kernelCase: KernelCase): KernelCase {
  const isDerived = kernelCase.kernel === 'dense_backward_input';
  return withContents(kernelCase, (operand, type, size) => {
    if (KEPT.includes(operand)) return undefined;
    const all = OWN_EDGES[`${operand} ${type}`] ?? EDGES[type];
    // Where the sign of x decides, a subnormal one may count as zero, which no bound of an error can tell.
    const values = isDerived && operand === 'x' ? all.filter((v) => v === 0 || Math.abs(v) > 2 ** -126) : all;
    const seed = hash(size, operand.length, operand.charCodeAt(0));
    return Array.from({ length: size }, (_, i) => values[hash(seed, 2, i) % values.length]);
  });
}

/**
 * The case with the first digits of a data set, wherever it takes pixels of that size or labels.
 * @param samples of 28 × 28 pixels, ten classes
 */
export function withDigits(kernelCase: KernelCase, { images, labels, count }: Samples): KernelCase {
  const { buffers } = kernelCase;
  const pixel = (i: number) => images[i % (count * PIXELS)];
  return withContents(kernelCase, (operand, type, size) => {
    const width = buffers[operand].shape.at(-1);
    if (operand === 'images' && width === PIXELS) return Array.from({ length: size }, (_, i) => pixel(i));
    if (operand === 'x' && width === PIXELS) {
      const isBytes = type === 'uint8';
      return Array.from({ length: size }, (_, i) => (isBytes ? pixel(i) >> 1 : pixel(i) / 255));
    }
    const classes = buffers.logits?.shape.at(-1) ?? 256;
    if (operand === 'labels' || (operand === 'targets' && 'logits' in buffers))
      return Array.from({ length: size }, (_, i) => labels[i % count] % classes);
    return undefined;
  });
}

/** @param valuesOf the values of an operand; undefined for those that it has */
function withContents(
  kernelCase: KernelCase,
  valuesOf: (operand: string, type: ElementType, size: number) => readonly number[] | undefined,
): KernelCase {
  const contents: Record<string, TypedArray> = {};
  for (const [operand, before] of Object.entries(kernelCase.contents)) {
    const { type } = kernelCase.buffers[operand];
    const values = valuesOf(operand, type, before.length);
    contents[operand] = before;
    if (!values) continue;
    contents[operand] = typedArray(type, values.length);
    contents[operand].set(values);
  }
  return { ...kernelCase, contents };
}
