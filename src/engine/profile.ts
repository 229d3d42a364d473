// What each kernel of a step takes.

import type { Phase } from '../network/plan.ts';
import type { Step } from '../network/step.ts';

/** One kernel of a step. */
export interface KernelTime {
  /** With its shape: "dense_forward 784→128". */
  readonly kernel: string;
  /** Which of the kernel's variants ran, where it has several. */
  readonly variant?: string;
  readonly milliseconds: number;
  /** Floating-point operations, zeros that are skipped counted as well. */
  readonly operations: number;
  /** Bytes that it must read and write at least. */
  readonly bytes: number;
}

export interface Profiler {
  /**
   * Executes the kernels of one step, each as often as the clock needs, and times them; parameters change as
   * in any step, and may in as many.
   * @returns undefined where this engine cannot tell its kernels apart
   */
  profile(phase: Phase, step: Step): Promise<readonly KernelTime[] | undefined>;
}

/** Medians of several profiles of the same step. */
export async function profileStep(
  profiler: Partial<Profiler>,
  phase: Phase,
  step: Step,
  repetitions = 15,
): Promise<readonly KernelTime[] | undefined> {
  const runs: (readonly KernelTime[])[] = [];
  for (let n = 0; n < repetitions; n++) {
    const run = await profiler.profile?.(phase, step);
    if (!run) return undefined;
    runs.push(run);
  }
  return runs[0].map((first, index) => {
    const times = runs.map((run) => run[index].milliseconds).sort((a, b) => a - b);
    return { ...first, milliseconds: times[times.length >> 1] };
  });
}
