// What every thread knows of a memory: where the job, the barrier and the steps lie, and what programs are.
import { PHASES, type Phase } from '../../network/plan.ts';
import type { Skipping } from './fusions.ts';

/** A kernel of the build with its arguments, but for the step and the thread's context. */
export interface Instruction {
  readonly kernel: string;
  readonly args: readonly number[];
  /** Those of the arguments that are not addresses. */
  readonly constants: { readonly [constant: string]: number };
  /** Whether all threads must be through with it before the next one. */
  readonly wait: boolean;
}

/** Each phase with each kind of skipping. */
export type ProgramName = `${Phase} skipping ${Skipping}`;

export const SKIPPINGS = ['nothing', 'units', 'all'] as const satisfies readonly Skipping[];

export const PROGRAMS: readonly ProgramName[] = PHASES.flatMap((phase) =>
  SKIPPINGS.map((skip) => programOf(phase, skip)),
);

/** Plain data: it travels to every thread once. */
export type Programs = { readonly [P in ProgramName]: readonly Instruction[] };

export const PAGE_BYTES = 65_536;

/** 32-bit words of assembly/barrier.ts; see BARRIER. On a cache line of its own, like the job. */
export const BARRIER_OFFSET = 1024;
export const BARRIER = { arrived: 0, generation: 1, failed: 2, words: 3 } as const;

/** The job that threads wait for, as 32-bit words; see JOB. */
export const JOB_OFFSET = 1088;
export const JOB = { sequence: 0, program: 1, steps: 2, words: 3 } as const;

/** In place of a program: nothing more will come. */
export const LEAVE = -1;

export const STEPS_OFFSET = 2048;

/**
 * A thread's Context (assembly/context.ts) on a cache line of its own, and on the next one the state of its share
 * (assembly/share.ts), which other threads look at.
 */
export const CONTEXT_BYTES = 128;

export function programOf(phase: Phase, skip: Skipping): ProgramName {
  return `${phase} skipping ${skip}`;
}
