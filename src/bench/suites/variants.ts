// Our own engines as they compete: what a suite's cases are of.
import type { Host } from '../../engine/host.ts';
import type { OpenOptions } from '../../engine/open.ts';
import type { BenchJob } from '../report.ts';

export interface Variant {
  readonly name: string;
  readonly options: OpenOptions;
  /** In integers. */
  readonly int8?: boolean;
  /** In a comparison only where all are asked for. */
  readonly extra?: boolean;
}

/** Threads of our WASM engine in a comparison, beside one. */
export function manyThreads(host: Host, { threads }: Pick<BenchJob, 'threads'>): number {
  return host.threadsUnavailable === undefined ? (threads ?? host.processors) : 1;
}

/** Own variants; the subject of the comparison with peers is on one thread, skipping zeros. */
export function variants(host: Host, job: BenchJob): Variant[] {
  const { backend, autotune, allVariants } = job;
  if (backend === 'webgpu') {
    return [
      { name: 'webgpu', options: { backend, autotune } },
      ...(allVariants
        ? [{ name: 'webgpu mixed', options: { backend, precision: 'mixed' } as const, extra: true }]
        : []),
    ];
  }
  const many = manyThreads(host, job);
  const on = (count: number): Variant[] => {
    const where = count === 1 ? '1 thread' : `${count} threads`;
    const options = { backend: 'wasm', threads: count } as const;
    return [
      { name: `dense, ${where}`, options: { ...options, zeroSkipping: false } },
      { name: where, options },
    ];
  };
  const simd = {
    name: '1 thread, without relaxed SIMD',
    options: { backend: 'wasm', build: 'simd' } as const,
    extra: true,
  };
  return [...on(1), ...(many > 1 ? on(many) : []), ...(allVariants ? [simd] : [])];
}

/** Of inference: in integers as well. */
export function inferenceVariants(host: Host, job: BenchJob): Variant[] {
  const own = variants(host, job);
  const int8: Variant =
    job.backend === 'webgpu'
      ? { name: 'webgpu int8', options: { backend: 'webgpu' }, int8: true }
      : { name: 'int8, 1 thread', options: { backend: 'wasm', threads: 1 }, int8: true };
  return [...own, int8];
}
