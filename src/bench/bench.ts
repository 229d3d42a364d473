// Suites in their order, and the report. The same code runs in Node and in a browser's worker.
import { type Dataset, slice } from '../data/dataset.ts';
import type { Host } from '../engine/host.ts';
import { DEFAULT_DISTORTION } from '../network/distortion.ts';
import { checkBenchJob } from './check_job.ts';
import { clockStep, describeEnvironment } from './environment.ts';
import { NOISY, variation } from './noise.ts';
import type { Suite } from './options.ts';
import type { BenchCase, BenchEvent, BenchJob, BenchReport, OnTiming } from './report.ts';
import { openRoofline } from './roofline.ts';
import { withEpochs } from './suites/epoch_speeds.ts';
import { runKernels } from './suites/kernels.ts';
import { runOwnKernels } from './suites/own_kernels.ts';
import { runStarts } from './suites/starts.ts';
import { runContests } from './suites/throughput.ts';
import { runRaces } from './suites/time_to_accuracy.ts';
import { trainings } from './trained.ts';
import { makeWork } from './work.ts';

/**
 * @throws InputError if something is wrong with what is asked for, or a suite or backend cannot run on this
 * host
 */
export async function runBench(
  job: BenchJob,
  dataset: Dataset,
  host: Host,
  onEvent: (event: BenchEvent) => void = () => {},
): Promise<BenchReport> {
  checkBenchJob(job);
  const cases: BenchCase[] = [];
  const notes: string[] = [];
  const todo = job.suites.flatMap((suite) => workOf(suite, job).map((each) => ({ suite, ...each })));
  const roofline = await openRoofline(job, host);
  const clock = clockStep();
  const trained = trainings(dataset, host);
  const onTiming = seldom((what, share) => onEvent({ kind: 'timing', what, share }));
  for (const [done, { suite, network, batch }] of todo.entries()) {
    const report = (what: string) =>
      onEvent({ kind: 'benching', what: `${suite} ${what}`, done, total: todo.length });
    if (suite === 'time-to-accuracy') {
      cases.push(...(await runRaces(job, dataset, host, roofline, report, notes)));
      continue;
    }
    report(suite === 'inference' ? network : `${network}, batch ${batch}`);
    if (suite === 'kernels' && job.shaders) {
      cases.push(...(await runOwnKernels(network, batch, job, host, roofline, clock, onTiming)));
      continue;
    }
    const starting = suite === 'start' || suite === 'memory';
    // A first step needs no test images; they would only be copied to each worker.
    const data = starting ? { ...dataset, test: slice(dataset.test, 0, 1) } : dataset;
    const young = makeWork(network, batch, data, {
      ...(suite === 'epoch' && { images: dataset.train.count }),
      ...(suite === 'kernels' && { distortion: DEFAULT_DISTORTION }),
    });
    const work = starting ? young : await trained(young, onTiming);
    if (suite === 'kernels')
      cases.push(...(await runKernels(work, job, host, roofline.measured.gflops, onTiming)));
    else if (starting)
      cases.push(...(await runStarts(suite, work, job, host, roofline.measured.gflops, onTiming)));
    else {
      const found = await runContests({ suite, work, job, host, roofline, clock, onTiming });
      cases.push(...(suite === 'epoch' ? await withEpochs(found, job, dataset, host, onTiming) : found));
    }
  }
  return {
    schema: 'mnist-kernels/bench@1',
    environment: await describeEnvironment(host, clock),
    roofline: roofline.measured,
    cases,
    notes: [
      ...roofline.notes,
      ...notes,
      ...cases.filter(isNoisy).map(({ name, suite }) => `noisy: ${suite} ${name}`),
    ],
  };
}

/** Milliseconds between two words of the same thing: a page that draws them takes time from what is timed. */
const SELDOM = 500;

function seldom(tell: OnTiming): OnTiming {
  let last = { what: '', time: 0 };
  return (what, share) => {
    const time = performance.now();
    if (what === last.what && time - last.time < SELDOM) return;
    last = { what, time };
    tell(what, share);
  };
}

/** Networks and batches of a suite: time to accuracy has its own, and inference no batches. */
function workOf(suite: Suite, { networks, batches }: BenchJob): { network: string; batch: number }[] {
  if (suite === 'time-to-accuracy') return [{ network: '', batch: 0 }];
  const sizes = suite === 'inference' ? batches.slice(0, 1) : batches;
  return networks.flatMap((network) => sizes.map((batch) => ({ network, batch })));
}

/** Whether the times of a throughput scatter; starts and single calls spread by themselves. */
function isNoisy({ suite, subject: { milliseconds, callsPerSample } }: BenchCase): boolean {
  const steady =
    (suite === 'step' || suite === 'epoch' || suite === 'inference') && callsPerSample === undefined;
  return steady && variation(milliseconds) > NOISY;
}
