// Where everything lies in a WASM memory. The kernels allocate nothing; this file lays the memory out from
// the plan.
import { InputError } from '../../errors.ts';
import { nodesOf } from '../../network/distortion_field.ts';
import { MAX_STEPS_PER_RUN, PHASES, type Plan } from '../../network/plan.ts';
import { STEP_BYTES } from '../../network/step.ts';
import { listBytes, listsIn, packingsOf, type Skipping, toWasmCalls, type WasmCall } from './fusions.ts';
import {
  CONTEXT_BYTES,
  type Instruction,
  PAGE_BYTES,
  PROGRAMS,
  type ProgramName,
  type Programs,
  programOf,
  SKIPPINGS,
  STEPS_OFFSET,
} from './memory_map.ts';
import { BLOCK, type Packing, packedBytes, roundUp } from './packing.ts';

export interface Layout {
  /** Those that skip what the engine does not are empty. */
  readonly programs: Programs;
  /** Byte offset and packing of each buffer that is kept. */
  readonly buffers: { readonly [buffer: string]: { readonly offset: number; readonly packing: Packing } };
  /**
   * Byte offset of the first thread's context; the others follow at CONTEXT_BYTES, and behind them that of a
   * thread that works alone.
   */
  readonly contexts: number;
  /** Byte offset of the first thread's scratch memory; the others follow at `scratchBytes`. */
  readonly scratch: number;
  readonly scratchBytes: number;
  /** Rows that activations have room for, in whole blocks. */
  readonly capacity: number;
  /** Bytes in all. */
  readonly size: number;
}

const MAX_BYTES = 65_535 * PAGE_BYTES;

/** Cache lines, so that two threads never write to one. */
const ALIGNMENT = 64;

/** Five tiles of 6 × 8 floats; behind them lie four transposed panels. */
const TILES_BYTES = 5 * 192;

/** What an engine makes of every plan. */
export interface Settings {
  readonly zeroSkipping: boolean;
  readonly fusions: boolean;
  readonly alwaysTogether: boolean;
}

/** @throws InputError if the plan needs more than a 32-bit memory can hold */
export function layOut(plan: Plan, threads: number, { zeroSkipping, fusions }: Settings): Layout {
  // A plan is laid out before its first step, which what is never run would keep waiting.
  const isRun = (skip: Skipping) => zeroSkipping === (skip !== 'nothing');
  const calls = Object.fromEntries(
    PHASES.flatMap((phase) =>
      SKIPPINGS.map((skip): [ProgramName, WasmCall[]] => [
        programOf(phase, skip),
        isRun(skip) ? toWasmCalls(plan.calls[phase], { fuse: fusions, skip }) : [],
      ]),
    ),
  ) as { [P in ProgramName]: WasmCall[] };
  const packings = packingsOf(PROGRAMS.flatMap((name) => calls[name]));
  const capacity = roundUp(rowsOf(plan), BLOCK);

  let size = STEPS_OFFSET + MAX_STEPS_PER_RUN * STEP_BYTES;
  const place = (bytes: number): number => {
    const offset = roundUp(size, ALIGNMENT);
    size = offset + bytes;
    return offset;
  };
  const buffers: Record<string, { offset: number; packing: Packing }> = {};
  for (const [name, spec] of Object.entries(plan.buffers)) {
    const packing = packings.get(name) ?? 'plain';
    // Fused away, like the gradients of kernels.
    if (spec.role === 'scratch' && !packings.has(name)) continue;
    buffers[name] = { packing, offset: place(packedBytes(packing, spec)) };
  }
  for (const [name, inputs] of listsIn(PROGRAMS.flatMap((program) => calls[program]))) {
    buffers[name] = { packing: 'plain', offset: place(listBytes(inputs, capacity, threads)) };
  }
  const contexts = place((threads + 1) * CONTEXT_BYTES);
  const units = Math.max(
    ...plan.network.widths,
    ...Object.values(plan.buffers).map(({ shape }) => shape[1] ?? 0),
  );
  const scratchBytes = roundUp(
    Math.max(TILES_BYTES + 4 * 32 * roundUp(units, 8), distortBytes(plan)),
    ALIGNMENT,
  );
  const scratch = place(threads * scratchBytes);
  if (size > MAX_BYTES) {
    throw new InputError(
      `the network and its data need ${megabytes(size)} MB, the limit of a WASM memory is ${megabytes(MAX_BYTES)} MB`,
    );
  }

  const instruction = ({ kernel, operands, constants, wait }: WasmCall): Instruction => {
    const pointers = Object.values(operands).map(({ buffer }) => buffers[buffer].offset);
    // A kernel that goes over a buffer element by element counts what it takes in memory.
    const { parameter } = operands;
    const count =
      parameter && packedBytes(buffers[parameter.buffer].packing, plan.buffers[parameter.buffer]) / 4;
    const named = parameter ? { ...constants, count: count! } : constants;
    return { kernel, args: [...pointers, ...Object.values(named)], constants: named, wait };
  };
  const programs = Object.fromEntries(
    PROGRAMS.map((name) => [name, calls[name].map(instruction)]),
  ) as unknown as Programs;
  return { programs, buffers, contexts, scratch, scratchBytes, capacity, size };
}

/** What assembly/distort.ts keeps of an image and its field. */
function distortBytes({ calls }: Plan): number {
  const call = calls.train.find(({ kernel }) => kernel === 'distort');
  if (!call) return 0;
  const { width, height } = call.constants;
  const stride = roundUp(nodesOf(width), 4);
  // The fields, a row between nodes, the box of the ink and its columns, and the padded image, read in whole
  // vectors.
  return (
    4 * stride * (3 * nodesOf(height) + 2) + 16 + roundUp(width + 3, 16) + (width + 3) * (height + 3) + 16
  );
}

/** Rows that a plan's activations have room for. */
function rowsOf(plan: Plan): number {
  const { targets, activation0, x, y, dy, logits, distorted } = plan.buffers;
  return (targets ?? activation0 ?? x ?? y ?? dy ?? logits ?? distorted)?.shape[0] ?? 0;
}

export function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}
