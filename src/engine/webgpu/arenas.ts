// Where a plan's buffers lie on the device: many operands share one GPU buffer, an arena, so that one
// dispatch can reach those of all layers within the few bindings that a shader may have.
import { type ElementType, kernelSpec } from '../../network/kernels.ts';
import type { KernelCall, Plan, TypedArray } from '../../network/plan.ts';
import { bytesOf, PHASES, typedArray } from '../../network/plan.ts';
import type { WgslCall } from './kernels/index.ts';
import type { Place, Placement } from './place.ts';

/** Buffers that several operands of a kernel share, each with its own place in it. */
type Arena = 'activations' | 'gradients' | 'parameters' | 'parameterGradients' | 'state1' | 'state2';

/** The arena that an operand of the kernel table lies in; the others have a buffer of their own. */
const ARENAS: { readonly [operand: string]: Arena } = {
  x: 'activations',
  y: 'activations',
  logits: 'activations',
  dy: 'gradients',
  dx: 'gradients',
  dlogits: 'gradients',
  kernel: 'parameters',
  bias: 'parameters',
  scale: 'parameters',
  dkernel: 'parameterGradients',
  dbias: 'parameterGradients',
  parameter: 'parameters',
  gradient: 'parameterGradients',
  velocity: 'state1',
  moment1: 'state1',
  moment2: 'state2',
};

/** Parts of an arena begin at whole cache lines. */
const ALIGNMENT = 256;

/** Places all buffers of a plan but scratch that no call of the engine uses. */
export function place(plan: Plan, calls: readonly WgslCall[]): Placement {
  const planCalls = PHASES.flatMap((phase): readonly KernelCall[] => plan.calls[phase]);
  const arenas = new Map<string, Arena | undefined>();
  const parameterOf = new Map<string, string>();
  for (const { operand, buffer, parameter } of operandsOfCalls(planCalls)) {
    const arena = ARENAS[operand];
    if (arenas.has(buffer) && arenas.get(buffer) !== arena)
      throw new Error(`"${buffer}" would have to lie in ${arenas.get(buffer)} and in ${arena}`);
    arenas.set(buffer, arena);
    if (parameter !== undefined && arena?.startsWith('state')) parameterOf.set(buffer, parameter);
  }
  const used = new Set(
    calls.flatMap(({ operands, layers = [] }) => [
      ...Object.values(operands),
      ...layers.flatMap(({ x, dy, kernel, bias }) => [x, dy, kernel, bias]),
    ]),
  );

  const places = new Map<string, Place>();
  const sizes = new Map<string, number>();
  // States go where their parameters are, which come before them in a plan or not.
  const names = Object.keys(plan.buffers).sort(
    (a, b) => Number(parameterOf.has(a)) - Number(parameterOf.has(b)),
  );
  for (const name of names) {
    const spec = plan.buffers[name];
    if (spec.role === 'scratch' && !used.has(name)) continue;
    const buffer = arenas.get(name) ?? name;
    const width = spec.shape.at(-1) ?? 1;
    const stride = arenas.get(name) ? 4 * Math.ceil(width / 4) : width;
    const size = wholeWords((bytesOf(spec) / width) * stride);
    const parameter = parameterOf.get(name);
    const offset = parameter === undefined ? align(sizes.get(buffer) ?? 0) : places.get(parameter)!.offset;
    places.set(name, { buffer, offset, size, width, stride });
    sizes.set(buffer, Math.max(sizes.get(buffer) ?? 0, offset + size));
  }
  return { places, sizes };
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Rows as they lie in a place: each is followed by zeros up to the next. */
export function spread(rows: TypedArray, type: ElementType, { width, stride }: Place): TypedArray {
  const spaced = typedArray(type, Math.ceil(rows.length / width) * stride);
  for (let from = 0, to = 0; from < rows.length; from += width, to += stride)
    spaced.set(rows.subarray(from, from + width), to);
  return spaced;
}

/** The rows without what lies between them. */
export function gathered(spaced: TypedArray, type: ElementType, { width, stride }: Place): TypedArray {
  const rows = typedArray(type, (spaced.length / stride) * width);
  for (let from = 0, to = 0; from < spaced.length; from += stride, to += width)
    rows.set(spaced.subarray(from, from + width), to);
  return rows;
}

export function wholeWords(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

/**
 * Every operand that a plan's calls have, with its buffer and, of an optimizer's, the parameter that it goes
 * with.
 */
function operandsOfCalls(
  calls: readonly KernelCall[],
): { operand: string; buffer: string; parameter?: string }[] {
  return calls.flatMap(({ kernel, operands }) =>
    Object.keys(kernelSpec(kernel).operands).map((operand) => ({
      operand,
      buffer: operands[operand],
      parameter: operand === 'parameter' ? undefined : operands.parameter,
    })),
  );
}
