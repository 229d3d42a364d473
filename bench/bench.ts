// Suites: which work, who does it, and the report. The same code runs in Node and in a browser's worker.
import { version } from '../package.json';
import type { Dataset } from '../src/data/dataset.ts';
import type { Host } from '../src/engine/host.ts';
import { type OpenOptions, open } from '../src/engine/open.ts';
import type { KernelTime } from '../src/engine/profile.ts';
import { measureRoofline } from '../src/engine/wasm/roofline.ts';
import { openDevice } from '../src/engine/webgpu/device.ts';
import { measureDeviceRoofline } from '../src/engine/webgpu/roofline.ts';
import { InputError, messageOf } from '../src/errors.ts';
import { findRecipe } from '../src/training/recipes.ts';
import { trainingSteps } from '../src/training/schedule.ts';
import { type Contestant, compete, ratioOf, type Samples, type Spread, spreadOf } from './contest.ts';
import { type OwnContestant, ownInference, ownTraining, preparedExecutor } from './peers/mnist_kernels.ts';
import { openPeers } from './peers/peers.ts';
import type { BenchBackend, Suite } from './suites.ts';
import { type Race, type Racer, race, shortfall } from './time_to_accuracy.ts';
import { inferenceOperations, makeWork, oracleLosses, trainingOperations, type Work } from './work.ts';

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
  /** Names of PEERS. */
  readonly peers: readonly string[];
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

export interface BenchEnvironment {
  readonly runtime: string;
  readonly userAgent: string;
  /** Logical processors. */
  readonly processors: number;
  /** Shared memory, without which there are no threads. */
  readonly isolated: boolean;
  /** Milliseconds: the smallest step of the clock that was seen. */
  readonly clock: number;
  /** Of WebGPU, or why there is none. */
  readonly adapter: string;
  /** Of the adapter that this project asks for where they are. */
  readonly features: readonly string[];
  /** Of this project, as built. */
  readonly version: string;
}

export interface BenchReport {
  readonly schema: 'mnist-kernels/bench@1';
  readonly environment: BenchEnvironment;
  readonly roofline: {
    readonly gflops: number;
    readonly threads: number;
    readonly how: string;
    /** Of WebGPU. */
    readonly gigabytesPerSecond?: number;
  };
  readonly cases: readonly BenchCase[];
  /** What a reader should know: noise, targets that were missed. */
  readonly notes: readonly string[];
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
  const notes: string[] = [];
  const roofline = await rooflineOf(job.backend, host);
  for (const suite of job.suites) {
    if (suite === 'time-to-accuracy') {
      cases.push(...(await runRaces(job, dataset, host, roofline.gflops, onEvent, notes)));
      continue;
    }
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
    environment: await describeEnvironment(host),
    roofline,
    cases,
    notes: [...notes, ...cases.filter(isNoisy).map(({ name, suite }) => `noisy: ${suite} ${name}`)],
  };
}

async function describeEnvironment(host: Host): Promise<BenchEnvironment> {
  const { runtime, userAgent, processors, threadsUnavailable } = host;
  const environment = { runtime, userAgent, processors, isolated: threadsUnavailable === undefined, version };
  const clock = clockStep();
  try {
    const { device, name } = await openDevice(host);
    const features = [...device.features];
    device.destroy();
    return { ...environment, clock, adapter: name, features };
  } catch (error) {
    return { ...environment, clock, adapter: `none: ${messageOf(error)}`, features: [] };
  }
}

/** Browsers make their clocks coarse: the smallest difference of many that is not zero. */
function clockStep(): number {
  let smallest = Infinity;
  for (let n = 0; n < 50; n++) {
    const begin = performance.now();
    let end = begin;
    while (end === begin) end = performance.now();
    smallest = Math.min(smallest, end - begin);
  }
  return smallest;
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
      return { suite: 'kernels', name: `${kernel} (${variant})`, network, batch, subject, peers: [] };
    });
  } finally {
    engine.dispose();
  }
}

/** Our variants that skip zeros, or WebGPU, and the reference, each to every target. */
async function runRaces(
  job: BenchJob,
  dataset: Dataset,
  host: Host,
  roofline: number,
  onEvent: (event: BenchEvent) => void,
  notes: string[],
): Promise<BenchCase[]> {
  const racers: Racer[] = variants(host, job)
    .filter(({ options }) => options.zeroSkipping !== false)
    .map(({ name, options }) => ({ name, options, own: true }));
  if (job.peers.includes('tfjs-wasm')) {
    racers.push({ name: 'tfjs-wasm', options: { backend: 'tfjs' }, own: false });
  }
  const { network, recipe } = findRecipe('quick');
  const what = `time-to-accuracy ${network}`;
  const races = await race(racers, dataset, host, (seed) =>
    onEvent({ kind: 'benching', what: `${what}, seed ${seed}` }),
  );
  const operations =
    (trainingOperations(makeWork(network, recipe.batch, dataset)) * recipe.epochs * dataset.train.count) /
    recipe.batch;
  for (const { name, target, times, error } of races) {
    const missing = error ?? shortfall(times);
    if (missing) notes.push(`${network} to ${(100 * target).toFixed(1)} %, ${name}: ${missing}`);
  }
  return races
    .filter(({ own, error, times }) => own && !error && !shortfall(times))
    .map(({ name, backend, threads, target, times }): BenchCase => {
      const milliseconds = spreadOf(times);
      const gflops = operations / milliseconds.median / 1e6;
      const subject = {
        backend,
        threads,
        milliseconds,
        gflops,
        rooflineFraction: gflops / (roofline * threads),
      };
      const others = races.filter((other) => other.target === target && other.name !== name);
      const title = `${network} to ${(100 * target).toFixed(1)} %, ${name}`;
      return {
        suite: 'time-to-accuracy',
        name: title,
        network,
        batch: recipe.batch,
        subject,
        peers: others.map((other) => racePeer(other, times)),
      };
    });
}

function racePeer({ name, version, threads, times, error }: Race, subject: readonly number[]): PeerEntry {
  const missing = error ?? shortfall(times);
  if (missing !== undefined) return { name, version, error: missing };
  return { name, version, threads, milliseconds: spreadOf(times), ratio: ratioOf(times, subject) };
}

const MIN_PROFILES = 5;

/** Samples of the same work that differ by more than this say that the machine was busy with something else. */
const NOISE = 1.3;

function isNoisy({ suite, subject: { milliseconds } }: BenchCase): boolean {
  return suite !== 'time-to-accuracy' && milliseconds.p95 > NOISE * milliseconds.p5;
}

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
  suite: Exclude<Suite, 'kernels' | 'time-to-accuracy'>,
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
    const opened = await openPeers(job.peers, work, host, training);
    peers.push(...opened.map((peer) => ('run' in peer ? repeated(peer) : peer)));
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

function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < Math.min(actual.length, expected.length); i++) {
    largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
  }
  return largest;
}
