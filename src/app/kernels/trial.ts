// A trial: one text of a kernel on inputs of one shape. Plain data, which travels to the worker that runs it.
import type { WgslSources } from '../../engine/webgpu/shaders.ts';
import type { KernelName } from '../../network/kernels.ts';
import { casesOf, type KernelCase, usualCasesOf } from '../../validation/cases.ts';
import type { KernelResult } from '../../validation/check_kernel.ts';
import type { ErrorMap, MappedResult } from '../../validation/error_map.ts';
import type { Inputs } from '../../validation/inputs.ts';

export type TrialEngine = 'webgpu' | 'wasm';

export interface Trial {
  readonly engine: TrialEngine;
  readonly kernel: KernelName;
  /** Of the kernel's WebGPU variants, by name. */
  readonly variant: string;
  /** In place of the variant's file; left out, the file. WASM has none. */
  readonly shaders?: WgslSources;
  readonly inputs: Inputs;
}

/** What a trial of all awkward shapes says of each, and for the first that fails, where. */
export interface ShapeOutcome {
  readonly index: number;
  readonly mapped: MappedResult;
}

/** What the oracle said of a text. */
export interface Verdict {
  /** Of the shapes that were tried, in their order. */
  readonly results: readonly KernelResult[];
  /** Shapes that are to be tried. */
  readonly total: number;
  /** The shape of the maps: the one that was asked for, or the first that failed. */
  readonly shape: string;
  readonly maps: readonly ErrorMap[];
}

/** What the worker is about to do, and what may then take how long. */
export type Phase = 'open' | 'compile' | 'run' | 'time';

/** Milliseconds until what does not come back is ended. */
export const LIMITS: { readonly [P in Phase]: number } = {
  open: 15_000,
  compile: 90_000,
  run: 5_000,
  time: 30_000,
};

/** Shapes by their titles: those of trainings, then the awkward ones. */
export function findCase(kernel: KernelName, shape: string): KernelCase | undefined {
  return [...usualCasesOf(kernel), ...casesOf(kernel)].find((each) => each.shape === shape);
}
