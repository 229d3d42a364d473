// The suite `kernels`: each kernel of a step by itself, on distorted images and in a network that has trained
// on such.
import type { Host } from '../../engine/host.ts';
import { type OpenOptions, open } from '../../engine/open.ts';
import type { KernelTime } from '../../engine/profile.ts';
import { InputError } from '../../errors.ts';
import { trainingSteps } from '../../training/schedule.ts';
import { preparedExecutor, writeBeginning } from '../peers/own_executor.ts';
import type { BenchCase, BenchJob, OnTiming } from '../report.ts';
import { spreadOf } from '../turns.ts';
import type { Work } from '../work.ts';

const MIN_PROFILES = 5;

/** On the engine's fastest single thread or on the device. */
export async function runKernels(
  work: Work,
  job: BenchJob,
  host: Host,
  roofline: number,
  onTiming: OnTiming,
): Promise<BenchCase[]> {
  const { network, batch, plan, train } = work;
  const { backend, autotune } = job;
  const options: OpenOptions = backend === 'wasm' ? { backend, threads: 1 } : { backend, autotune };
  const { engine } = await open(host, options);
  try {
    const executor = await preparedExecutor(work, engine);
    const [step] = trainingSteps(plan.recipe, train.count, 0, 0, 1);
    const runs: (readonly KernelTime[])[] = [];
    const begin = performance.now();
    const passed = () => (performance.now() - begin) / 1000;
    while (runs.length < MIN_PROFILES || passed() < job.seconds) {
      onTiming('each kernel', Math.min(1, passed() / job.seconds));
      // A profile is a step like any other: again and again on the same batch, it would soon have nothing
      // left to learn.
      await writeBeginning(executor, work);
      const run = await executor.profile?.('train', step);
      if (!run) throw new InputError(`${engine.info.adapter} cannot tell its kernels apart`);
      runs.push(run);
    }
    return runs[0].map(({ kernel, variant, operations, bytes }, index): BenchCase => {
      const milliseconds = spreadOf(runs.map((run) => run[index].milliseconds));
      const gflops = operations / milliseconds.median / 1e6;
      const { threads } = engine.info;
      const gigabytesPerSecond = bytes / milliseconds.median / 1e6;
      const rates = { gflops, rooflineFraction: gflops / roofline, gigabytesPerSecond };
      const subject = { backend, threads, milliseconds, ...rates };
      return {
        suite: 'kernels',
        name: variant ? `${kernel} (${variant})` : kernel,
        network,
        batch,
        subject,
        peers: [],
      };
    });
  } finally {
    engine.dispose();
  }
}
