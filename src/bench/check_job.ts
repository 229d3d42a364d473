// How much a benchmark may be asked for.
import { MNIST } from '../data/dataset.ts';
import { checkThreads } from '../engine/open.ts';
import { wgslKernel } from '../engine/webgpu/kernels/index.ts';
import type { Variant } from '../engine/webgpu/kernels/kernel.ts';
import { variantsOfShader } from '../engine/webgpu/select.ts';
import { InputError } from '../errors.ts';
import { KERNEL_NAMES } from '../network/kernels.ts';
import { checkFit, parseNetwork } from '../network/spec.ts';
import type { BenchJob } from './report.ts';

/** The least and the most that can be asked for. */
export const LIMITS = {
  batch: [1, 10_000],
  /** Seconds for each case. */
  seconds: [0.01, 3600],
  /** Seeds of the suite `time-to-accuracy`. */
  seeds: [1, 100],
} as const;

/**
 * Everything that is asked for, before any of it is done.
 * @throws InputError naming what is wrong and what is accepted
 */
export function checkBenchJob(job: BenchJob): void {
  const { networks, batches, seconds, seeds, threads } = job;
  for (const network of networks) checkFit(parseNetwork(network), MNIST);
  for (const batch of batches) checkWhole('batch', batch);
  if (seeds !== undefined) checkWhole('seeds', seeds);
  if (threads !== undefined) checkThreads(threads);
  const [least, most] = LIMITS.seconds;
  if (!(seconds >= least && seconds <= most))
    throw new InputError(`seconds ${seconds}: expected a number from ${least} to ${most}`);
  checkOwnShaders(job);
}

function checkOwnShaders({ shaders, backend, suites }: BenchJob): void {
  if (!shaders) return;
  if (backend !== 'webgpu') throw new InputError('own shaders need the backend webgpu');
  if (suites.some((suite) => suite !== 'kernels'))
    throw new InputError('own shaders are timed by the suite kernels alone');
  const strange = Object.keys(shaders).find((shader) => variantsOfShader(shader).length === 0);
  if (strange !== undefined)
    throw new InputError(
      `shader "${strange}" cannot be timed by itself: expected one of ${timedShaders().join(', ')}`,
    );
}

/** Those of kernels of the table. */
function timedShaders(): string[] {
  const variants = KERNEL_NAMES.flatMap((kernel): readonly Variant[] => wgslKernel(kernel).variants);
  return [...new Set(variants.map(({ shader }) => shader))];
}

function checkWhole(name: 'batch' | 'seeds', value: number): void {
  const [least, most] = LIMITS[name];
  if (!Number.isInteger(value) || value < least || value > most)
    throw new InputError(`${name} ${value}: expected a whole number from ${least} to ${most}`);
}
