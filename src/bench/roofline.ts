// What binds at most, measured in the same run, around each case: processors that are two threads of one core
// in one minute may be two cores in the next.
import type { Host } from '../engine/host.ts';
import { measureRoofline, measureSharedRoofline } from '../engine/wasm/roofline.ts';
import { measureDeviceCeilings } from '../engine/webgpu/roofline.ts';
import type { BenchJob, BenchReport } from './report.ts';

export interface Roofline {
  /** As it was at first. */
  readonly measured: BenchReport['roofline'];
  /** GFLOP/s of so many threads around the last case. */
  of(threads: number): number;
  /** Runs a case between two measurements, of which the better one counts. */
  around<T>(run: () => Promise<T>): Promise<T>;
  /** Cases around which the threads did not add up. */
  readonly notes: readonly string[];
}

export async function openRoofline(job: BenchJob, host: Host): Promise<Roofline> {
  return job.backend === 'wasm' ? ofProcessors(job, host) : ofDevice(host);
}

async function ofProcessors({ threads: wanted }: BenchJob, host: Host): Promise<Roofline> {
  const threads = host.threadsUnavailable === undefined ? (wanted ?? host.processors) : 1;
  const measure = async () => {
    const one = await measureRoofline();
    return { one, all: threads > 1 ? await measureSharedRoofline(host, threads) : one };
  };
  let last = await measure();
  const notes: string[] = [];
  const how = 'twelve independent multiply-add chains of the fastest WASM build, best of several runs';
  const together = threads > 1 ? { gflops: last.all, threads } : undefined;
  return {
    measured: { gflops: last.one, threads: 1, how, together },
    notes,
    of: (count) => (count === threads ? last.all : last.one * count),
    async around(run) {
      const before = await measure();
      const result = await run();
      const after = await measure();
      last = { one: Math.max(before.one, after.one), all: Math.max(before.all, after.all) };
      const gain = Math.min(before.all / before.one, after.all / after.one);
      if (gain < SHARED * threads && notes.length === 0)
        notes.push(
          `${threads} threads at once did ${gain.toFixed(2)} times the multiply-adds of one: they share cores`,
        );
      return result;
    },
  };
}

/** Less than this share of as many threads' work is more than noise. */
const SHARED = 0.9;

async function ofDevice(host: Host): Promise<Roofline> {
  const device = await measureDeviceCeilings(host);
  const how = 'float32 multiply-adds in registers, and a copy, on the device';
  return {
    measured: { ...device, threads: 1, how },
    notes: [],
    of: (threads) => device.gflops * threads,
    around: (run) => run(),
  };
}
