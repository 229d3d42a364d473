// Suites: which work, who does it, and the report. The same code runs in Node and in a browser's worker.
import type { Dataset } from '../src/data/dataset.ts';
import type { Host } from '../src/engine/host.ts';
import { type OpenOptions, open } from '../src/engine/open.ts';
import type { KernelTime } from '../src/engine/profile.ts';
import { measureRoofline } from '../src/engine/wasm/roofline.ts';
import { measureDeviceRoofline } from '../src/engine/webgpu/roofline.ts';
import { InputError, messageOf } from '../src/errors.ts';
import { trainingSteps } from '../src/training/schedule.ts';
import { type Contestant, compete, ratioOf, type Samples, type Spread, spreadOf } from './contest.ts';
import { type OwnContestant, ownInference, ownTraining, preparedExecutor } from './peers/mnist_kernels.ts';
import { inferenceOperations, makeWork, oracleLosses, trainingOperations, type Work } from './work.ts';

export const SUITES = ['kernels', 'step', 'epoch', 'inference'] as const;
export type Suite = (typeof SUITES)[number];

export const BENCH_BACKENDS = ['wasm', 'webgpu'] as const;
export type BenchBackend = (typeof BENCH_BACKENDS)[number];

export interface BenchJob {
  readonly backend: BenchBackend;
  /** WebGPU: time the tilings of each product first. */
  readonly autotune?: boolean;
  readonly suites: readonly Suite[];
  /** "784-128-10", … */
  readonly networks: readonly string[];
  readonly batches: readonly number[];
  /** For each case. */
  readonly seconds: number;
  readonly peers: boolean;
}

export type BenchEvent = { readonly kind: 'benching'; readonly what: string };

interface Entry {
  readonly threads: number;
  readonly milliseconds: Spread;
  readonly gflops: number;
}

export interface PeerEntry extends Partial<Entry> {
  readonly name: string;
  readonly version?: string;
  /** The peer's time over the subject's, pair by pair: above 1 the subject is faster. */
  readonly ratio?: { readonly median: number; readonly low: number; readonly high: number };
  /** Of the answer, from the float64 oracle's (training) or the subject's (inference). */
  readonly maxAbsDifference?: number;
  /** Why there is no time. */
  readonly error?: string;
}

export interface BenchCase {
  readonly suite: Suite;
  readonly name: string;
  readonly network: string;
  readonly batch: number;
  readonly subject: Entry & {
    readonly backend: string;
    /** Of the roofline of as many threads. */
    readonly rooflineFraction: number;
    /** Of the suite `kernels`: read and written at least. */
    readonly gigabytesPerSecond?: number;
    /** Of the answer, from the oracle's; none of a single kernel, which the tests hold against it. */
    readonly maxAbsDifference?: number;
  };
  readonly peers: readonly PeerEntry[];
}

export interface BenchReport {
  readonly schema: 'mnist-kernels/bench@1';
  readonly environment: { readonly runtime: string; readonly userAgent: string; readonly processors: number };
  readonly roofline: {
    readonly gflops: number;
    readonly threads: number;
    readonly how: string;
    /** Of WebGPU. */
    readonly gigabytesPerSecond?: number;
  };
  readonly cases: readonly BenchCase[];
}

/** A wrong answer has no time. Losses and logits are of order 1 and agree to about 1e-6. */
const MAX_DIFFERENCE = 1e-3;

export async function runBench(
  job: BenchJob,
  dataset: Dataset,
  host: Host,
  onEvent: (event: BenchEvent) => void = () => {},
): Promise<BenchReport> {
  const cases: BenchCase[] = [];
  const roofline = await rooflineOf(job.backend, host);
  for (const suite of job.suites) {
    for (const network of job.networks) {
      for (const batch of suite === 'inference' ? job.batches.slice(0, 1) : job.batches) {
        onEvent({ kind: 'benching', what: `${suite} ${network}, batch ${batch}` });
        const work = makeWork(network, batch, dataset, suite === 'epoch' ? dataset.train.count : undefined);
        if (suite === 'kernels') cases.push(...(await runKernels(work, job, host, roofline.gflops)));
        else cases.push(...(await runCase(suite, work, job, host, roofline.gflops)));
      }
    }
  }
  return {
    schema: 'mnist-kernels/bench@1',
    environment: { runtime: host.runtime, userAgent: host.userAgent, processors: host.processors },
    roofline,
    cases,
  };
}

/** What binds at most, on the device that the backend runs on. */
async function rooflineOf(backend: BenchBackend, host: Host): Promise<BenchReport['roofline']> {
  if (backend === 'wasm') {
    return {
      gflops: await measureRoofline(),
      threads: 1,
      how: 'twelve independent multiply-add chains of the fastest WASM build, best of several runs',
    };
  }
  const measured = await measureDeviceRoofline(host);
  return { ...measured, threads: 1, how: 'float32 multiply-adds in registers, and a copy, on the device' };
}

/** Each kernel of a training step by itself, on the engine's fastest single thread or on the device. */
async function runKernels(work: Work, job: BenchJob, host: Host, roofline: number): Promise<BenchCase[]> {
  const { network, batch, plan, train } = work;
  const { backend, autotune } = job;
  const options: OpenOptions = backend === 'wasm' ? { backend, threads: 1 } : { backend, autotune };
  const { engine } = await open(host, options);
  try {
    const executor = await preparedExecutor(work, engine);
    const [step] = trainingSteps(plan.recipe, train.count, 0, 0, 1);
    const runs: (readonly KernelTime[])[] = [];
    const end = performance.now() + 1000 * job.seconds;
    while (runs.length < MIN_PROFILES || performance.now() < end) {
      const run = await executor.profile?.('train', step);
      if (!run) throw new InputError(`${engine.info.adapter} has no timestamps: its kernels cannot be timed`);
      runs.push(run);
    }
    return runs[0].map(({ kernel, variant, operations, bytes }, index): BenchCase => {
      const milliseconds = spreadOf(runs.map((run) => run[index].milliseconds));
      const gflops = operations / milliseconds.median / 1e6;
      const { threads } = engine.info;
      const gigabytesPerSecond = bytes / milliseconds.median / 1e6;
      const rates = { gflops, rooflineFraction: gflops / roofline, gigabytesPerSecond };
      const subject = { backend, threads, milliseconds, ...rates };
      return { suite: 'kernels', name: `${kernel} (${variant})`, network, batch, subject, peers: [] };
    });
  } finally {
    engine.dispose();
  }
}

const MIN_PROFILES = 5;

/** Own variants of a case, the subject of the comparison with peers last but one: on one thread, skipping zeros. */
function variants(host: Host, { backend, autotune }: BenchJob): { name: string; options: OpenOptions }[] {
  if (backend === 'webgpu') return [{ name: 'webgpu', options: { backend, autotune } }];
  const one = { backend: 'wasm', threads: 1 } as const;
  const all = { backend: 'wasm', threads: host.processors } as const;
  return [
    { name: 'dense, 1 thread', options: { ...one, zeroSkipping: false } },
    { name: '1 thread', options: one },
    ...(host.threadsUnavailable === undefined && host.processors > 1
      ? [
          { name: `dense, ${host.processors} threads`, options: { ...all, zeroSkipping: false } },
          { name: `${host.processors} threads`, options: all },
        ]
      : []),
  ];
}

async function runCase(
  suite: Exclude<Suite, 'kernels'>,
  work: Work,
  job: BenchJob,
  host: Host,
  roofline: number,
): Promise<BenchCase[]> {
  const training = suite !== 'inference';
  const epoch = Math.ceil(work.train.count / work.batch);
  const repeated = <C extends Contestant>(each: C): C =>
    suite === 'epoch' ? { ...each, run: (count: number) => each.run(count * epoch) } : each;
  const own: OwnContestant[] = [];
  const peers: (Contestant | PeerEntry)[] = [];
  try {
    for (const { name, options } of variants(host, job)) {
      own.push(repeated(await (training ? ownTraining : ownInference)(work, host, name, options)));
    }
    if (job.peers) {
      const opened = await openPeers(training, work, host, job.backend);
      peers.push(...opened.map((peer) => ('run' in peer ? repeated(peer) : peer)));
    }
    const expected: ArrayLike<number> = training ? oracleLosses(work) : await own[0].answer();
    const running = [...own, ...peers.filter((peer): peer is Contestant => 'run' in peer)];
    const differences: number[] = [];
    for (const contestant of running) differences.push(difference(await contestant.answer(), expected));
    const wrong = own.find((_, index) => !(differences[index] <= MAX_DIFFERENCE));
    if (wrong) throw new Error(`${work.network}, ${wrong.name}: a wrong answer has no time`);
    const samples = await compete(running, job.seconds);
    const operations = training
      ? trainingOperations(work) * (suite === 'epoch' ? work.train.count / work.batch : 1)
      : inferenceOperations(work, work.test.count);
    const entry = (index: number): Entry => {
      const milliseconds = spreadOf(samples[index]);
      return {
        threads: running[index].threads,
        milliseconds,
        gflops: operations / milliseconds.median / 1e6,
      };
    };
    return own.map((subject, index): BenchCase => {
      const numbers = entry(index);
      return {
        suite,
        name: `${work.network} ${subject.name}`,
        network: work.network,
        batch: work.batch,
        subject: {
          backend: subject.backend,
          ...numbers,
          rooflineFraction: numbers.gflops / (roofline * subject.threads),
          maxAbsDifference: differences[index],
        },
        peers: [...own.filter((other) => other !== subject), ...peers].map((peer) =>
          peerEntry(peer, running, entry, differences, samples, index),
        ),
      };
    });
  } finally {
    for (const contestant of [...own, ...peers]) if ('dispose' in contestant) contestant.dispose();
  }
}

function peerEntry(
  peer: Contestant | PeerEntry,
  running: readonly Contestant[],
  entry: (index: number) => Entry,
  differences: readonly number[],
  samples: readonly Samples[],
  subject: number,
): PeerEntry {
  if (!('run' in peer)) return peer;
  const index = running.indexOf(peer);
  const { name, version } = peer;
  const maxAbsDifference = differences[index];
  if (!(maxAbsDifference <= MAX_DIFFERENCE))
    return { name, version, maxAbsDifference, error: 'a wrong answer' };
  return {
    name,
    version,
    ...entry(index),
    ratio: ratioOf(samples[index], samples[subject]),
    maxAbsDifference,
  };
}

/** Peers load only when used; one that does not start is a row with its error. */
async function openPeers(
  training: boolean,
  work: Work,
  host: Host,
  backend: BenchBackend,
): Promise<(Contestant | PeerEntry)[]> {
  const tfjs = async () => {
    const { tfjsTraining, tfjsInference } = await import('./peers/tfjs.ts');
    return (training ? tfjsTraining : tfjsInference)(work, host, backend);
  };
  const jax = async () => (await import('./peers/jax_js.ts')).jaxTraining(work, host.processors);
  const onnx = async () => (await import('./peers/onnxruntime.ts')).onnxInference(work, host.onnxWasmPath);
  const openers: [string, () => Promise<Contestant>][] = [[`tfjs-${backend}`, tfjs]];
  if (backend === 'wasm') openers.push(training ? ['jax-js wasm', jax] : ['onnxruntime-web wasm', onnx]);
  const opened: (Contestant | PeerEntry)[] = [];
  for (const [name, start] of openers) {
    opened.push(await start().catch((error: unknown) => ({ name, error: messageOf(error) })));
  }
  return opened;
}

function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < Math.min(actual.length, expected.length); i++) {
    largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
  }
  return largest;
}
