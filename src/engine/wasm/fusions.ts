// From a plan's kernel calls to this engine's: the optimizer is fused into the weight gradient, pixels and
// activations that are zero are skipped, and threads wait for each other only where one call needs what
// another wrote.
import { ACTIVATION_CODES } from '../../network/activation.ts';
import { type Access, kernelSpec } from '../../network/kernels.ts';
import type { KernelCall } from '../../network/plan.ts';
import { type UpdatedWeight, updatedWeights } from '../updated_weights.ts';
import { packingOf } from './operands.ts';
import { type Packing, roundUp } from './packing.ts';

/** A call of a build's export. */
export interface WasmCall {
  readonly kernel: string;
  /** In the export's order. */
  readonly operands: Operands;
  /** In the export's order. */
  readonly constants: { readonly [constant: string]: number };
  /** Whether all threads must be through with it before the next call. */
  readonly wait: boolean;
}

interface Operands {
  readonly [operand: string]: WasmOperand;
}

export interface WasmOperand {
  readonly buffer: string;
  readonly access: Access;
  /** Undefined: the kernel goes over it element by element, however it lies. */
  readonly packing: Packing | undefined;
}

export interface FusionOptions {
  /** Fuse the optimizer into the weight gradient. */
  readonly fuse: boolean;
  readonly skip: Skipping;
}

/** Which zeros are skipped: those of hidden activations, and those of pixels as well. */
export type Skipping = 'nothing' | 'units' | 'all';

/** The buffer with the lists of a buffer's values that are not zero: assembly/active.ts. */
const listsOf = (buffer: string) => `${buffer}Lists`;

/**
 * Walking lists goes over four panels at once. A layer of fewer units is a small part of a step, and takes
 * what is written.
 */
const MIN_LISTED_UNITS = 32;

type Draft = Omit<WasmCall, 'wait'>;

export function toWasmCalls(calls: readonly KernelCall[], options: FusionOptions): WasmCall[] {
  const fused = options.fuse ? fuseOptimizers(calls) : calls.map(draft);
  if (options.skip === 'nothing') return withBarriers(fused);
  const skipping = skipUnits(fused);
  return withBarriers(options.skip === 'all' ? skipPixels(skipping) : skipping);
}

function draft({ kernel, operands, constants }: KernelCall): Draft {
  const table = kernelSpec(kernel);
  return {
    kernel,
    operands: Object.fromEntries(
      Object.entries(table.operands).map(([name, { access }]) => [
        name,
        { buffer: operands[name], access, packing: packingOf(kernel, name) },
      ]),
    ),
    constants: Object.fromEntries(Object.keys(table.constants).map((name) => [name, constants[name]])),
  };
}

/**
 * `dense_backward_weight` with the updates of its kernel and bias: one call, where the last of them stood.
 */
function fuseOptimizers(calls: readonly KernelCall[]): Draft[] {
  const updated = updatedWeights(calls);
  const byBiasUpdate = new Map(updated.map((each) => [each.biasUpdate, each]));
  const fused = new Set(updated.flatMap(({ weight, kernelUpdate }) => [weight, kernelUpdate]));
  return calls.flatMap((call) => {
    if (fused.has(call)) return [];
    const each = byBiasUpdate.get(call);
    return [each ? fusedCall(each) : draft(call)];
  });
}

function fusedCall({ weight, kernelUpdate, biasUpdate }: UpdatedWeight): Draft {
  const { gradient: _, parameter, ...states } = kernelUpdate.operands;
  const { count: __, ...constants } = kernelUpdate.constants;
  const read = (buffer: string, packing: Packing): WasmOperand => ({ buffer, access: 'read', packing });
  const update = (buffer: string, packing: Packing): WasmOperand => ({ buffer, access: 'update', packing });
  const statesOf = (of: 'kernel' | 'bias', call: KernelCall, packing: Packing) =>
    Object.keys(states).map((state) => [`${of} ${state}`, update(call.operands[state], packing)] as const);
  return {
    kernel: `dense_backward_weight_${kernelUpdate.kernel}`,
    operands: {
      x: read(weight.operands.x, 'blocks'),
      dy: read(weight.operands.dy, 'gradient'),
      kernel: update(parameter, 'panels'),
      ...Object.fromEntries(statesOf('kernel', kernelUpdate, 'panels')),
      bias: update(biasUpdate.operands.parameter, 'vector'),
      ...Object.fromEntries(statesOf('bias', biasUpdate, 'vector')),
    },
    constants: { inputs: weight.constants.inputs, units: weight.constants.units, ...constants },
  };
}

/** The calls that have a twin which walks the lists of x. */
const LISTED: { readonly [kernel: string]: string } = {
  dense_forward: 'dense_forward_active',
  dense_forward_int8: 'dense_forward_int8_active',
  dense_backward_weight_sgd: 'dense_backward_weight_active_sgd',
  dense_backward_weight_adamw: 'dense_backward_weight_active_adamw',
};

/** What gathers a batch, and its twin that lists it. */
const LISTING: { readonly [kernel: string]: string } = {
  gather_batch: 'gather_batch_active',
  gather_batch_int8: 'gather_batch_int8_active',
};

/** The gradients of weights among {@link LISTED}: their lists are by column as well. */
const OF_WEIGHTS = ['dense_backward_weight_sgd', 'dense_backward_weight_adamw'];

const lists = (buffer: string, access: Access): WasmOperand => ({
  buffer: listsOf(buffer),
  access,
  packing: 'plain',
});

/** Whether the call reads `x` and has a twin that would walk its lists. */
function isListed({ kernel, operands }: Draft, x: string): boolean {
  return kernel in LISTED && operands.x.buffer === x;
}

function walkingLists(call: Draft, x: string): Draft {
  return { ...call, kernel: LISTED[call.kernel], operands: { ...call.operands, x: lists(x, 'read') } };
}

/** Replaces what gather_batch writes and the first layer reads by lists, if nothing else reads it. */
function skipPixels(calls: readonly Draft[]): readonly Draft[] {
  const gather = calls.find(({ kernel }) => kernel in LISTING);
  if (!gather) return calls;
  const x = gather.operands.x.buffer;
  const readers = calls.filter(
    (call) => call !== gather && Object.values(call.operands).some(({ buffer }) => buffer === x),
  );
  if (readers.length === 0 || !readers.every((call) => isListed(call, x))) return calls;
  const forWeights = Number(readers.some(({ kernel }) => OF_WEIGHTS.includes(kernel)));
  return calls.map((call) => {
    if (call === gather) {
      return {
        kernel: LISTING[call.kernel],
        operands: { ...call.operands, x: lists(x, 'write') },
        constants: call.kernel === 'gather_batch' ? { ...call.constants, forWeights } : call.constants,
      };
    }
    return readers.includes(call) ? walkingLists(call, x) : call;
  });
}

function skipUnits(calls: readonly Draft[]): readonly Draft[] {
  // The other activations hardly ever put out zero.
  const hidden = calls.filter(
    ({ kernel, constants }) => kernel === 'dense_forward' && constants.activation === ACTIVATION_CODES.relu,
  );
  return hidden.reduce(listOutput, calls);
}

/**
 * Lists what a hidden layer puts out, for whom that pays: the next layer's products, and this layer's input
 * gradient, since a gradient is zero wherever the ReLU put out zero.
 */
function listOutput(calls: readonly Draft[], layer: Draft): readonly Draft[] {
  const { buffer: kernel } = layer.operands.kernel;
  const { y } = layer.operands;
  const { units } = layer.constants;
  const walks = (call: Draft) => isListed(call, y.buffer) && call.constants.units >= MIN_LISTED_UNITS;
  const derives = (call: Draft) =>
    call.kernel === 'dense_backward_input' &&
    call.operands.kernel.buffer === kernel &&
    units >= MIN_LISTED_UNITS;
  if (!calls.some((call) => walks(call) || derives(call))) return calls;
  const forWeights = Number(calls.some((call) => walks(call) && OF_WEIGHTS.includes(call.kernel)));
  return calls.flatMap((call) => {
    if (call.operands.y?.buffer === y.buffer) {
      const list = {
        kernel: 'list_active',
        operands: { y: { ...y, access: 'read' }, lists: lists(y.buffer, 'write') },
        constants: { units, forWeights },
      } as const;
      return [call, list];
    }
    if (walks(call)) return [walkingLists(call, y.buffer)];
    if (!derives(call)) return [call];
    const { dy, ...others } = call.operands;
    return [
      {
        ...call,
        kernel: 'dense_backward_input_active',
        operands: { dy, lists: lists(y.buffer, 'read'), ...others },
      },
    ];
  });
}

/**
 * A barrier goes before each call that touches what an earlier one writes, or writes what an earlier one
 * touches.
 */
function withBarriers(calls: readonly Draft[]): WasmCall[] {
  const written = new Set<string>();
  const touched = new Set<string>();
  const waits = calls.map(() => true);
  for (const [index, call] of calls.entries()) {
    const operands = Object.values(call.operands);
    const conflict = operands.some(
      ({ buffer, access }) => written.has(buffer) || (access !== 'read' && touched.has(buffer)),
    );
    if (index > 0) waits[index - 1] = conflict;
    if (conflict) {
      written.clear();
      touched.clear();
    }
    for (const { buffer, access } of operands) {
      touched.add(buffer);
      if (access !== 'read') written.add(buffer);
    }
  }
  return calls.map((call, index) => ({ ...call, wait: waits[index] }));
}

/**
 * How each buffer lies: as the kernels that mind want it; what is only gone over element by element, like its
 * parameter.
 */
export function packingsOf(calls: readonly WasmCall[]): Map<string, Packing> {
  const packings = new Map<string, Packing>();
  const agree = (buffer: string, packing: Packing) => {
    const known = packings.get(buffer) ?? packing;
    if (known !== packing) throw new Error(`"${buffer}" would have to lie as ${known} and as ${packing}`);
    packings.set(buffer, packing);
  };
  for (const { operands } of calls) {
    for (const { buffer, packing } of Object.values(operands)) if (packing) agree(buffer, packing);
  }
  for (const { operands } of calls) {
    const packing = packings.get(operands.parameter?.buffer) ?? 'plain';
    for (const operand of Object.values(operands)) if (!operand.packing) agree(operand.buffer, packing);
  }
  return packings;
}

/** The buffers of lists that the calls write, with the number of values that a row of each may list. */
export function listsIn(calls: readonly WasmCall[]): Map<string, number> {
  const made = new Map<string, number>();
  for (const { kernel, operands, constants } of calls) {
    if (kernel === 'gather_batch_active') made.set(operands.x.buffer, constants.inputs);
    // Words of four pixels.
    if (kernel === 'gather_batch_int8_active') made.set(operands.x.buffer, Math.ceil(constants.inputs / 4));
    if (kernel === 'list_active') made.set(operands.lists.buffer, constants.units);
  }
  return made;
}

/** Bytes of the lists of a layer's inputs. */
export function listBytes(inputs: number, capacity: number, threads: number): number {
  return 8 * capacity * (inputs + 1) + threads * roundUp(4 * (inputs + 1), 64) + 8 * inputs * capacity;
}
