// From a plan's kernel calls to this engine's: the optimizer is fused into the weight gradient, pixels and activations that are
// zero are skipped, and threads wait for each other only where one call needs what another wrote.
import { type Access, kernelSpec } from '../../network/kernels.ts';
import { type KernelCall, operandsOf } from '../../network/plan.ts';
import type { Packing } from './packing.ts';

/** A call of a build's export. */
export interface WasmCall {
  readonly kernel: string;
  /** In the export's order. */
  readonly operands: readonly WasmOperand[];
  readonly constants: readonly number[];
  /** Whether all threads must be through with it before the next call. */
  readonly wait: boolean;
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

/** Walking lists goes over four panels at once. A layer of fewer units is a small part of a step, and takes what is written. */
const MIN_LISTED_UNITS = 32;

const PACKINGS: { readonly [kernel: string]: { readonly [operand: string]: Packing } } = {
  gather_batch: { x: 'blocks' },
  dense_forward: { x: 'blocks', kernel: 'panels', bias: 'vector', y: 'blocks' },
  softmax_cross_entropy: { logits: 'blocks', dlogits: 'gradient' },
  dense_backward_weight: { x: 'blocks', dy: 'gradient', dkernel: 'panels', dbias: 'vector' },
  dense_backward_input: { dy: 'gradient', kernel: 'panels', x: 'blocks', dx: 'gradient' },
  confusion: { logits: 'blocks' },
};

const ELEMENTWISE = new Set(['sgd', 'adamw']);

type Draft = Omit<WasmCall, 'wait'>;

export function toWasmCalls(calls: readonly KernelCall[], options: FusionOptions): WasmCall[] {
  const fused = options.fuse ? fuseOptimizers(calls) : calls.map(draft);
  if (options.skip === 'nothing') return withBarriers(fused);
  const skipping = skipUnits(fused);
  return withBarriers(options.skip === 'all' ? skipPixels(skipping) : skipping);
}

function draft(call: KernelCall): Draft {
  const { operands: table, constants } = kernelSpec(call.kernel);
  const buffers = operandsOf(call);
  return {
    kernel: call.kernel,
    operands: Object.entries(table).map(([name, { access }], index) => ({
      buffer: buffers[index],
      access,
      packing: ELEMENTWISE.has(call.kernel) ? undefined : (PACKINGS[call.kernel]?.[name] ?? 'plain'),
    })),
    constants: Object.keys(constants).map((name) => call.constants[name]),
  };
}

/** `dense_backward_weight` with the updates of its kernel and bias: one call, where the last of them stood. */
function fuseOptimizers(calls: readonly KernelCall[]): Draft[] {
  const updates = new Map<string, KernelCall>();
  for (const call of calls) if (ELEMENTWISE.has(call.kernel)) updates.set(call.operands.gradient, call);
  const weights = calls.filter(
    ({ kernel, operands: { dkernel, dbias } }) =>
      kernel === 'dense_backward_weight' && updates.has(dkernel) && updates.has(dbias),
  );
  const byBias = new Map(weights.map((weight) => [weight.operands.dbias, weight]));
  const ofKernels = new Set(weights.map(({ operands }) => operands.dkernel));
  return calls.flatMap((call) => {
    if (weights.includes(call)) return [];
    if (!ELEMENTWISE.has(call.kernel)) return [draft(call)];
    const { gradient } = call.operands;
    const weight = byBias.get(gradient);
    if (weight) return [fusedCall(weight, updates.get(weight.operands.dkernel)!, call)];
    return ofKernels.has(gradient) ? [] : [draft(call)];
  });
}

function fusedCall(weight: KernelCall, kernelUpdate: KernelCall, biasUpdate: KernelCall): Draft {
  const { gradient: _, parameter, ...states } = kernelUpdate.operands;
  const { count: __, ...constants } = kernelUpdate.constants;
  const read = (buffer: string, packing: Packing): WasmOperand => ({ buffer, access: 'read', packing });
  const update = (buffer: string, packing: Packing): WasmOperand => ({ buffer, access: 'update', packing });
  return {
    kernel: `dense_backward_weight_${kernelUpdate.kernel}`,
    operands: [
      read(weight.operands.x, 'blocks'),
      read(weight.operands.dy, 'gradient'),
      update(parameter, 'panels'),
      ...Object.values(states).map((buffer) => update(buffer, 'panels')),
      update(biasUpdate.operands.parameter, 'vector'),
      ...Object.keys(states).map((state) => update(biasUpdate.operands[state], 'vector')),
    ],
    constants: [weight.constants.inputs, weight.constants.units, ...Object.values(constants)],
  };
}

/** The calls that have a twin which walks the lists of x, by the place of x among their operands. */
const LISTED: { readonly [kernel: string]: { readonly twin: string; readonly x: number } } = {
  dense_forward: { twin: 'dense_forward_active', x: 0 },
  dense_backward_weight_sgd: { twin: 'dense_backward_weight_active_sgd', x: 0 },
  dense_backward_weight_adamw: { twin: 'dense_backward_weight_active_adamw', x: 0 },
};

const lists = (buffer: string, access: Access): WasmOperand => ({
  buffer: listsOf(buffer),
  access,
  packing: 'plain',
});

/** Whether the call reads `x` and has a twin that would walk its lists. */
function isListed({ kernel, operands }: Draft, x: string): boolean {
  return operands[LISTED[kernel]?.x]?.buffer === x;
}

function walkingLists(call: Draft, x: string): Draft {
  const { twin, x: place } = LISTED[call.kernel];
  return { ...call, kernel: twin, operands: call.operands.with(place, lists(x, 'read')) };
}

/** Replaces what gather_batch writes and the first layer reads by lists, if nothing else reads it. */
function skipPixels(calls: readonly Draft[]): readonly Draft[] {
  const gather = calls.find(({ kernel }) => kernel === 'gather_batch');
  if (!gather) return calls;
  const x = gather.operands[3].buffer;
  const readers = calls.filter((call) => call !== gather && call.operands.some(({ buffer }) => buffer === x));
  if (readers.length === 0 || !readers.every((call) => isListed(call, x))) return calls;
  const forWeights = Number(readers.some(({ kernel }) => kernel.startsWith('dense_backward_weight')));
  return calls.map((call) => {
    if (call === gather) {
      return {
        kernel: 'gather_batch_active',
        operands: call.operands.with(3, lists(x, 'write')),
        constants: [...call.constants, forWeights],
      };
    }
    return readers.includes(call) ? walkingLists(call, x) : call;
  });
}

function skipUnits(calls: readonly Draft[]): readonly Draft[] {
  const hidden = calls.filter(
    ({ kernel, constants: [, , relu] }) => kernel === 'dense_forward' && relu === 1,
  );
  return hidden.reduce(listOutput, calls);
}

/**
 * Lists what a hidden layer puts out, for whom that pays: the next layer's products, and this layer's input gradient, since
 * a gradient is zero wherever the ReLU put out zero.
 */
function listOutput(calls: readonly Draft[], layer: Draft): readonly Draft[] {
  const [, { buffer: kernel }, , { buffer: y }] = layer.operands;
  const [, units] = layer.constants;
  const walks = (call: Draft) => isListed(call, y) && call.constants[1] >= MIN_LISTED_UNITS;
  const derives = (call: Draft) =>
    call.kernel === 'dense_backward_input' && call.operands[1].buffer === kernel && units >= MIN_LISTED_UNITS;
  if (!calls.some((call) => walks(call) || derives(call))) return calls;
  const forWeights = calls.some((call) => walks(call) && call.kernel.startsWith('dense_backward_weight'));
  return calls.flatMap((call) => {
    const [first, ...others] = call.operands;
    if (call.kernel.startsWith('dense_forward') && call.operands[3].buffer === y) {
      const output: WasmOperand = { ...call.operands[3], access: 'read' };
      const list = {
        kernel: 'list_active',
        operands: [output, lists(y, 'write')],
        constants: [units, Number(forWeights)],
      };
      return [call, list];
    }
    if (walks(call)) return [walkingLists(call, y)];
    if (!derives(call)) return [call];
    return [
      { ...call, kernel: 'dense_backward_input_active', operands: [first, lists(y, 'read'), ...others] },
    ];
  });
}

/** A barrier goes before each call that touches what an earlier one writes, or writes what an earlier one touches. */
function withBarriers(calls: readonly Draft[]): WasmCall[] {
  const written = new Set<string>();
  const touched = new Set<string>();
  const waits = calls.map(() => true);
  for (const [index, { operands }] of calls.entries()) {
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

/** How each buffer lies: as the kernels that mind want it; what is only gone over element by element, like its parameter. */
export function packingsOf(calls: readonly WasmCall[]): Map<string, Packing> {
  const packings = new Map<string, Packing>();
  const agree = (buffer: string, packing: Packing) => {
    const known = packings.get(buffer) ?? packing;
    if (known !== packing) throw new Error(`"${buffer}" would have to lie as ${known} and as ${packing}`);
    packings.set(buffer, packing);
  };
  for (const { operands } of calls) {
    for (const { buffer, packing } of operands) if (packing) agree(buffer, packing);
  }
  for (const { operands } of calls) {
    const packing = packings.get(operands[0].buffer) ?? 'plain';
    for (const operand of operands) if (!operand.packing) agree(operand.buffer, packing);
  }
  return packings;
}

/** The buffers of lists that the calls write, with the number of values that a row of each may list. */
export function listsIn(calls: readonly WasmCall[]): Map<string, number> {
  return new Map(
    calls.flatMap(({ kernel, operands, constants }): [string, number][] => {
      const place = LIST_MAKERS[kernel];
      return place === undefined ? [] : [[operands[place].buffer, constants[0]]];
    }),
  );
}

/** The place of the lists among the operands. */
const LIST_MAKERS: { readonly [kernel: string]: number } = { gather_batch_active: 3, list_active: 1 };

/** Bytes of the lists of a layer's inputs. */
export function listBytes(inputs: number, capacity: number, threads: number): number {
  return 8 * capacity * (inputs + 1) + 4 * threads * inputs + 8 * inputs * capacity;
}
