// The suites `start` and `memory`: a fresh worker, from nothing to the first trained step. Only a browser has
// them: what counts there is what a visitor downloads, compiles and holds.
import { median } from 'simple-statistics';
import type { Host } from '../../engine/host.ts';
import { firstLineOf, InputError } from '../../errors.ts';
import { MAX_LOSS_DIFFERENCE } from '../../evaluation/comparison.ts';
import type { BenchBackend, PeerName, Suite } from '../options.ts';
import { type Missing, remotely } from '../peers/open.ts';
import { PEERS } from '../peers/peers.ts';
import type { BenchCase, BenchJob, Entry, OnTiming, PeerEntry, Start } from '../report.ts';
import { checkAnswer, ratioOf, spreadOf } from '../turns.ts';
import { oracleLosses, stepOperations, type Work } from '../work.ts';
import { manyThreads } from './variants.ts';

const MIN_ROUNDS = 5;

interface Starter {
  readonly name: BenchBackend | PeerName;
  /** After the network in a case's name; undefined of peers. */
  readonly title?: string;
  /** Our own WASM engine's. */
  readonly ownThreads: number;
  readonly starts: Start[];
  version: string;
  threads: number;
  maxAbsDifference: number;
  error?: string;
}

/** @throws InputError outside browsers; of the suite `memory` also in those that do not tell */
export async function runStarts(
  suite: Extract<Suite, 'start' | 'memory'>,
  work: Work,
  job: BenchJob,
  host: Host,
  roofline: number,
  onTiming: OnTiming,
): Promise<BenchCase[]> {
  if (!host.startRealm) throw new InputError(`the suite ${suite} is for browsers: choose one with --runtime`);
  const trainers = job.peers.filter((name) => PEERS[name].training);
  const many = job.backend === 'wasm' ? manyThreads(host, job) : 1;
  const starters = [
    starterOf({ name: job.backend, title: job.backend }),
    ...(many > 1 ? [starterOf({ name: job.backend, title: `${many} threads`, ownThreads: many })] : []),
    ...trainers.map((name) => starterOf({ name })),
  ];
  const expected = oracleLosses(work);
  const begin = performance.now();
  const passed = () => (performance.now() - begin) / 1000;
  for (let round = 0; round < MIN_ROUNDS || passed() < job.seconds; round++) {
    for (const starter of starters) {
      if (starter.error !== undefined) continue;
      onTiming(
        `${starter.title ?? starter.name} starts`,
        Math.min(1, round / MIN_ROUNDS, passed() / job.seconds),
      );
      try {
        await startOnce(starter, suite === 'memory' && round === 0, work, host, expected);
      } catch (error) {
        if (starter.title !== undefined) throw error;
        starter.error = firstLineOf(error);
      }
    }
  }
  const operations = stepOperations(work);
  const missing = starters.flatMap(({ name, error }): Missing[] =>
    error === undefined ? [] : [{ name, error }],
  );
  const running = starters.filter(({ error }) => error === undefined);
  return running
    .filter(({ title }) => title !== undefined)
    .map((subject): BenchCase => {
      const entry = entryOf(subject, operations);
      const peers = running.flatMap((peer): PeerEntry[] => {
        if (peer.title !== undefined) return [];
        const { name, version, maxAbsDifference } = peer;
        const ratio = ratioOf(totals(peer), totals(subject));
        return [{ name, version, ...entryOf(peer, operations), ratio, maxAbsDifference }];
      });
      return {
        suite,
        name: `${work.network} ${subject.title}`,
        network: work.network,
        batch: work.batch,
        subject: {
          backend: job.backend,
          ...entry,
          rooflineFraction: entry.gflops / roofline,
          maxAbsDifference: subject.maxAbsDifference,
        },
        peers: [...peers, ...missing],
      };
    });
}

const starterOf = (
  given: Pick<Starter, 'name' | 'title'> & Partial<Pick<Starter, 'ownThreads'>>,
): Starter => ({
  ownThreads: 1,
  ...given,
  starts: [],
  version: '',
  threads: 1,
  maxAbsDifference: Infinity,
});

/** @throws Error if the starter does not start, or its answer is wrong */
async function startOnce(
  starter: Starter,
  weigh: boolean,
  work: Work,
  host: Host,
  expected: ArrayLike<number>,
): Promise<void> {
  const before = weigh ? await host.measureMemory!() : 0;
  const begin = performance.now();
  const kind = PEERS[starter.name].start ? 'start' : 'training';
  const peer = await remotely(host, starter.name, kind, work, starter.ownThreads);
  try {
    const opened = performance.now();
    await peer.time(1, 1);
    const stepped = performance.now();
    const memory = weigh ? (await host.measureMemory!()) - before : undefined;
    const { version, threads, script } = peer;
    const downloaded = await peer.downloaded();
    starter.starts.push({
      script,
      open: opened - begin - script,
      step: stepped - opened,
      downloaded,
      memory,
    });
    const maxAbsDifference = await checkAnswer(peer, expected, MAX_LOSS_DIFFERENCE);
    Object.assign(starter, { version, threads, maxAbsDifference });
  } finally {
    peer.dispose();
  }
}

/** Milliseconds of each start. */
const totals = ({ starts }: Starter) => starts.map(({ script, open, step }) => [script + open + step]);

/** undefined of no values at all */
function largest(values: readonly number[]): number | undefined {
  return values.length > 0 ? Math.max(...values) : undefined;
}

function entryOf(starter: Starter, operations: number): Entry {
  const milliseconds = spreadOf(totals(starter).flat());
  const of = (part: 'script' | 'open' | 'step') => median(starter.starts.map((each) => each[part]));
  return {
    threads: starter.threads,
    milliseconds,
    gflops: operations / milliseconds.median / 1e6,
    start: {
      script: of('script'),
      open: of('open'),
      step: of('step'),
      downloaded: largest(starter.starts.flatMap(({ downloaded }) => downloaded ?? [])),
      memory: starter.starts[0].memory,
    },
  };
}
