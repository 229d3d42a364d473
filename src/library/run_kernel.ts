// One kernel by itself on any engine: its operands in, what it writes out.
import type { Engine } from '../engine/engine.ts';
import { InputError } from '../errors.ts';
import { ACTIVATION_CODES, ACTIVATIONS, type Activation } from '../network/activation.ts';
import {
  checkKernelName,
  type KernelName,
  type KernelSpec,
  kernelSpec,
  type Operand,
} from '../network/kernels.ts';
import { ARRAYS, type BufferSpec, sizeOf, type TypedArray } from '../network/plan.ts';
import { STEP_FIELDS, STILL_STEP } from '../network/step.ts';
import { planOf } from '../validation/cases.ts';
import type { KernelConstants } from './session.ts';

interface Operands {
  readonly [operand: string]: TypedArray;
}

/** With these a constant does nothing. */
const NEUTRAL: { readonly [constant: string]: number } = {
  activation: ACTIVATION_CODES.linear,
  dropped: 0,
  keptScale: 1,
  scale: 1,
  seed: 0,
  stream: 0,
  lookahead: 0,
  momentum: 0,
  weightDecay: 0,
  classWeight: 0,
  labelWeight: 1,
};

/** @throws InputError naming what is missing or does not fit */
export async function runKernel(
  engine: Engine,
  kernel: KernelName,
  operands: Operands,
  given: KernelConstants,
): Promise<Operands> {
  checkKernelName(kernel);
  const spec = kernelSpec(kernel);
  const constants = constantsOf(spec, given);
  const step = { ...STILL_STEP, ...numbersOf(given, Object.keys(STEP_FIELDS)) };
  const buffers = buffersOf(spec, operands, {
    two: 2,
    slots: step.slot + 1,
    ...numbersOf(given),
    ...constants,
  });
  checkIndices(operands, buffers, constants);
  const executor = await engine.prepare(planOf({ kernel, constants, buffers }));
  try {
    for (const [name, data] of Object.entries(operands)) await executor.write(name, data);
    await executor.run('train', [step]);
    const written: Record<string, TypedArray> = {};
    for (const [name, { access }] of Object.entries(spec.operands))
      if (access !== 'read') written[name] = await executor.read(name);
    return written;
  } finally {
    executor.dispose();
  }
}

function constantsOf(spec: KernelSpec, given: KernelConstants): { [constant: string]: number } {
  const named = { ...NEUTRAL, ...numbersOf(given), ...activationIn(given) };
  const missing = Object.keys(spec.constants).find((constant) => !(constant in named));
  if (missing !== undefined)
    throw new InputError(
      `constant "${missing}" is missing: expected ${Object.keys(spec.constants).join(', ')}`,
    );
  return Object.fromEntries(Object.keys(spec.constants).map((constant) => [constant, named[constant]]));
}

function activationIn({ activation }: KernelConstants): { readonly [constant: string]: number } {
  if (activation === undefined) return {};
  const code = ACTIVATION_CODES[activation as Activation];
  if (code === undefined)
    throw new InputError(`activation "${activation}": expected one of ${ACTIVATIONS.join(', ')}`);
  return { activation: code };
}

/** @throws InputError if one of them is no finite number */
function numbersOf(given: KernelConstants, names = Object.keys(given)): { readonly [name: string]: number } {
  const found = names.filter((name) => name !== 'activation' && given[name] !== undefined);
  return Object.fromEntries(
    found.map((name) => {
      const value = given[name];
      if (typeof value !== 'number' || !Number.isFinite(value))
        throw new InputError(`constant "${name}": ${value}, expected a finite number`);
      return [name, value];
    }),
  );
}

function buffersOf(
  spec: KernelSpec,
  operands: Operands,
  dimensions: { readonly [dimension: string]: number },
): { [operand: string]: BufferSpec } {
  const stranger = Object.keys(operands).find((name) => !(name in spec.operands));
  if (stranger !== undefined)
    throw new InputError(`operand "${stranger}": expected ${Object.keys(spec.operands).join(', ')}`);
  return Object.fromEntries(
    Object.entries(spec.operands).map(([name, operand]) => [
      name,
      bufferOf(name, operand, operands[name], dimensions),
    ]),
  );
}

function bufferOf(
  name: string,
  { access, type, shape }: Operand,
  data: TypedArray | undefined,
  dimensions: { readonly [dimension: string]: number },
): BufferSpec {
  const title = `operand "${name}" (${type} [${shape.join(', ')}])`;
  const sizes = shape.map((dimension) => {
    // How many samples there are, only their operands tell.
    const size = dimension === 'samples' ? samplesIn(data, shape, dimensions) : dimensions[dimension];
    if (size === undefined || !Number.isInteger(size) || size < 1)
      throw new InputError(`${title}: its dimension ${dimension} must be given, a whole number of 1 or more`);
    return size;
  });
  const buffer: BufferSpec = { type, shape: sizes, role: 'scratch' };
  if (data === undefined) {
    if (access === 'read') throw new InputError(`${title} is missing`);
    return buffer;
  }
  if (!(data instanceof ARRAYS[type]) || data.length !== sizeOf(buffer))
    throw new InputError(
      `${title}: expected a ${ARRAYS[type].name} of ${sizeOf(buffer)} elements, found ${data.length}`,
    );
  return buffer;
}

/** Kernels use these as they are. */
function checkIndices(
  { order, targets }: Operands,
  { images }: { readonly [operand: string]: BufferSpec },
  { classes }: { readonly [constant: string]: number },
): void {
  const check = (name: string, indices: TypedArray | undefined, end: number | undefined) => {
    const outside = end === undefined ? undefined : indices?.find((index) => index >= end);
    if (outside !== undefined)
      throw new InputError(`operand "${name}" has ${outside}: expected 0 to ${end! - 1}`);
  };
  check('order', order, images?.shape[0]);
  check('targets', targets, classes);
}

function samplesIn(
  data: TypedArray | undefined,
  shape: readonly string[],
  { inputs = 1 }: { readonly [dimension: string]: number },
): number | undefined {
  return data && data.length / (shape.length > 1 ? inputs : 1);
}
