// How many images a network is evaluated on at once.
import type { NetworkSpec } from './spec.ts';

/** Few enough to stay in a processor's caches. */
export const EVALUATION_BATCH = 192;
/** Enough to give a GPU's processors something to do. */
export const GPU_EVALUATION_BATCH = 2048;
/** What the activations of a step may take, in bytes: half of what any WebGPU can bind. */
const MAX_BYTES = 64 * 1024 ** 2;

/**
 * Rows of an evaluation step.
 * @param wanted by the engine; a very wide network gets fewer, but never fewer than EVALUATION_BATCH
 */
export function evaluationRows({ widths }: NetworkSpec, wanted = EVALUATION_BATCH): number {
  const bytesPerRow = 4 * widths.reduce((sum, width) => sum + width, 0);
  return Math.max(EVALUATION_BATCH, Math.min(wanted, Math.floor(MAX_BYTES / bytesPerRow)));
}
