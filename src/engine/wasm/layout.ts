// Where everything lies in a WASM memory. The kernels allocate nothing; this file lays the memory out from the plan.
import { InputError } from '../../errors.ts';
import { kernelSpec, STEP_BYTES } from '../../network/kernels.ts';
import {
  bytesOf,
  type KernelCall,
  MAX_STEPS_PER_RUN,
  operandsOf,
  PHASES,
  type Phase,
  type Plan,
} from '../../network/plan.ts';

/** A kernel of the build with its arguments, but for the step, the thread and the number of threads. */
export interface Instruction {
  readonly kernel: string;
  readonly args: readonly number[];
}

/** Plain data: it travels to every thread once. */
export type Program = { readonly [P in Phase]: readonly Instruction[] };

export interface Layout {
  readonly program: Program;
  /** Byte offset of each buffer. */
  readonly offsets: { readonly [buffer: string]: number };
  /** Bytes in all. */
  readonly size: number;
}

export const PAGE_BYTES = 65_536;
const MAX_BYTES = 65_535 * PAGE_BYTES;

/** Two words: BARRIER in assembly/barrier.ts. On a cache line of its own, like the job. */
export const BARRIER_OFFSET = 1024;

/** The job that threads wait for, as 32-bit words; see JOB. */
export const JOB_OFFSET = 1088;
export const JOB = { sequence: 0, phase: 1, steps: 2, words: 3 } as const;

/** In place of a phase: nothing more will come. */
export const LEAVE = -1;

export const STEPS_OFFSET = 2048;

/** Cache lines, so that two threads never write to one. */
const ALIGNMENT = 64;

/** @throws InputError if the plan needs more than a 32-bit memory can hold */
export function layOut(plan: Plan): Layout {
  const offsets: Record<string, number> = {};
  let size = STEPS_OFFSET + MAX_STEPS_PER_RUN * STEP_BYTES;
  for (const [name, buffer] of Object.entries(plan.buffers)) {
    size = Math.ceil(size / ALIGNMENT) * ALIGNMENT;
    offsets[name] = size;
    size += bytesOf(buffer);
  }
  if (size > MAX_BYTES) {
    throw new InputError(
      `the network and its data need ${megabytes(size)} MB, the limit of a WASM memory is ${megabytes(MAX_BYTES)} MB`,
    );
  }
  const instruction = (call: KernelCall): Instruction => ({
    kernel: call.kernel,
    args: [
      ...operandsOf(call).map((name) => offsets[name]),
      ...Object.keys(kernelSpec(call.kernel).constants).map((constant) => call.constants[constant]),
    ],
  });
  const program = Object.fromEntries(
    PHASES.map((phase) => [phase, plan.calls[phase].map(instruction)]),
  ) as unknown as Program;
  return { program, offsets, size };
}

export function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}
