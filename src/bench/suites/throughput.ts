// The suites that take turns: training steps, whole epochs, inference of all test images and of one.
import type { Host } from '../../engine/host.ts';
import type { OpenOptions } from '../../engine/open.ts';
import { messageOf } from '../../errors.ts';
import { MAX_LOSS_DIFFERENCE } from '../../evaluation/comparison.ts';
import { type Entrant, entrant } from '../contestant.ts';
import type { PeerName, Suite } from '../options.ts';
import { ownInference, ownLatency } from '../peers/mnist_kernels.ts';
import { type Missing, openPeers } from '../peers/open.ts';
import type { OwnContestant } from '../peers/own_executor.ts';
import { ownTraining } from '../peers/own_training.ts';
import { type Kind, PEERS } from '../peers/peers.ts';
import { ANSWER_IMAGES } from '../peers/single_images.ts';
import type { BenchCase, BenchJob, Entry, OnTiming, PeerEntry } from '../report.ts';
import type { Roofline } from '../roofline.ts';
import {
  checkAnswer,
  compete,
  latency,
  MAX_LOGIT_DIFFERENCE,
  type Result,
  ratioOf,
  spreadOf,
  throughput,
} from '../turns.ts';
import {
  inferenceOperations,
  oracleLogits,
  oracleLosses,
  quantisedWork,
  stepOperations,
  type Work,
} from '../work.ts';
import { inferenceVariants, variants } from './variants.ts';

/** In mixed precision: products of float16, whose rounding is 5e-4. */
const MAX_DIFFERENCE_MIXED = 2e-2;
/**
 * Of peers in integers: an activation that lies between two of them moves a logit by some 2e-2 where it becomes the
 * other one, and LiteRT.js has bytes for logits as well, whose half step is 0.12. A bias that is left out is up to 0.5.
 */
const MAX_DIFFERENCE_INTEGERS = 0.25;

interface Discipline {
  readonly kind: Kind;
  readonly open: typeof ownTraining;
  /** After the network in a case's name. */
  readonly title: string;
  /** Floating-point operations of the work done once. */
  readonly operations: (work: Work) => number;
  readonly expected: (work: Work) => ArrayLike<number>;
  /** How far an answer may be from what is expected. */
  readonly tolerance: number;
}

/** Rows of an inference that are held against the oracle. */
const CHECKED_ROWS = 50;

const TRAINING: Discipline = {
  kind: 'training',
  open: ownTraining,
  title: '',
  operations: stepOperations,
  expected: oracleLosses,
  tolerance: MAX_LOSS_DIFFERENCE,
};
const INFERENCE: Discipline = {
  kind: 'inference',
  open: ownInference,
  title: '',
  operations: (work) => inferenceOperations(work, work.test.count),
  expected: (work) => oracleLogits(work, Math.min(CHECKED_ROWS, work.test.count)),
  tolerance: MAX_LOGIT_DIFFERENCE,
};
const LATENCY: Discipline = {
  kind: 'latency',
  open: ownLatency,
  title: 'one image, ',
  operations: (work) => inferenceOperations(work, 1),
  expected: (work) => oracleLogits(work, Math.min(ANSWER_IMAGES, work.test.count)),
  tolerance: MAX_LOGIT_DIFFERENCE,
};

const DISCIPLINES: { readonly [S in Suite]?: readonly Discipline[] } = {
  step: [TRAINING],
  epoch: [TRAINING],
  inference: [INFERENCE, LATENCY],
};

export interface Contest {
  readonly suite: Suite;
  readonly work: Work;
  readonly job: BenchJob;
  readonly host: Host;
  readonly roofline: Roofline;
  /** Milliseconds. */
  readonly clock: number;
  readonly onTiming: OnTiming;
}

export async function runContests(contest: Contest): Promise<BenchCase[]> {
  const cases: BenchCase[] = [];
  const disciplines = DISCIPLINES[contest.suite] ?? [];
  for (const [index, discipline] of disciplines.entries()) {
    const onTiming: OnTiming = (what, share) =>
      contest.onTiming(`${discipline.title}${what}`, (index + share) / disciplines.length);
    cases.push(...(await runContest(discipline, { ...contest, onTiming })));
  }
  return cases;
}

/** What an answer is held against. */
interface Answer {
  readonly expected: ArrayLike<number>;
  readonly tolerance: number;
}

interface Running extends Entrant, Answer {
  /** Our own backends only. */
  readonly backend?: string;
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

async function runContest(
  { kind, open, title, operations, expected, tolerance }: Discipline,
  { suite, work, job, host, roofline, clock, onTiming }: Contest,
): Promise<BenchCase[]> {
  const repeat = suite === 'epoch' ? Math.ceil(work.train.count / work.batch) : 1;
  const running: Running[] = [];
  const missing: Missing[] = [];
  const onOpen = (name: string) => onTiming(`${name} starts`, 0);
  const integers = once(() => quantisedWork(work));
  const floats = once((): Answer => ({ expected: expected(work), tolerance }));
  // Our own have the same bits.
  const exact = once((): Answer => ({ expected: expected(integers()), tolerance: 0 }));
  const answerOf = (int8 = false) => (int8 ? exact() : floats());
  try {
    const own = kind === 'training' ? variants(host, job) : inferenceVariants(host, job);
    for (const { name, options, extra, int8 } of own) {
      onOpen(name);
      const opened = await open(int8 ? integers() : work, host, name, options).catch((error: unknown) => {
        if (!extra) throw error;
        missing.push({ name, error: messageOf(error) });
      });
      if (opened) running.push(ownEntrant(opened, options, repeat, answerOf(int8)));
    }
    for (const peer of await openPeers(job.peers, work, integers, host, kind, onOpen)) {
      if ('error' in peer) missing.push(peer);
      else {
        const { int8 } = PEERS[peer.name as PeerName];
        const answer = answerOf(int8);
        running.push({
          ...repeated(peer, repeat),
          ...answer,
          ...(int8 && { tolerance: MAX_DIFFERENCE_INTEGERS }),
        });
      }
    }
    onTiming('the answers are checked', 0);
    const differences = await check(running, missing);
    const right = running.filter((each) => differences.has(each));
    const { entrants, results } = await roofline.around(() =>
      competeToTheEnd(right, missing, (those) =>
        compete(those, job.seconds, (kind === 'latency' ? latency : throughput)(clock), (share) =>
          onTiming(`${those.length} in turns`, share),
        ),
      ),
    );
    const entries = entrants.map((each, index) =>
      entryOf(each, results[index], kind, operations(work) * repeat),
    );
    return entrants.flatMap(({ name, backend }, index): BenchCase[] => {
      if (backend === undefined) return [];
      const entry = entries[index];
      const peers = entrants.flatMap((peer, at): PeerEntry[] => {
        if (at === index) return [];
        const ratio = ratioOf(results[at].samples, results[index].samples);
        const { name, version } = peer;
        return [{ name, version, ...entries[at], ratio, maxAbsDifference: differences.get(peer) }];
      });
      const share = entry.gflops / roofline.of(entry.threads);
      return [
        {
          suite,
          name: `${work.network} ${title}${name}`,
          network: work.network,
          batch: kind === 'latency' ? 1 : work.batch,
          subject: {
            backend,
            ...entry,
            rooflineFraction: share,
            maxAbsDifference: differences.get(entrants[index]),
          },
          peers: [...peers, ...missing],
        },
      ];
    });
  } finally {
    for (const each of running) each.dispose();
  }
}

function ownEntrant(
  contestant: OwnContestant,
  { precision }: OpenOptions,
  repeat: number,
  answer: Answer,
): Running {
  return {
    ...repeated(entrant(contestant), repeat),
    backend: contestant.backend,
    ...answer,
    ...(precision === 'mixed' && { tolerance: MAX_DIFFERENCE_MIXED }),
  };
}

const repeated = (each: Entrant, repeat: number): Entrant => ({
  ...each,
  time: (count, samples) => each.time(count * repeat, samples),
});

/** A peer that failed while it was timed. */
class Dropout extends Error {
  constructor(
    readonly peer: Running,
    reason: unknown,
  ) {
    super(messageOf(reason));
  }
}

/**
 * A peer that fails while it is timed goes to `missing`, and the others begin anew.
 * @throws Error if one of our own fails
 */
async function competeToTheEnd(
  running: readonly Running[],
  missing: Missing[],
  contest: (entrants: readonly Entrant[]) => Promise<Result[]>,
): Promise<{ entrants: readonly Running[]; results: Result[] }> {
  const guarded = (each: Running): Entrant => ({
    ...each,
    time: (count, samples) =>
      each.time(count, samples).catch((error: unknown) => {
        throw each.backend === undefined ? new Dropout(each, error) : error;
      }),
  });
  try {
    return { entrants: running, results: await contest(running.map(guarded)) };
  } catch (error) {
    if (!(error instanceof Dropout)) throw error;
    error.peer.dispose();
    missing.push({ name: error.peer.name, error: error.message });
    const others = running.filter((each) => each !== error.peer);
    return competeToTheEnd(others, missing, contest);
  }
}

/**
 * The largest difference of each right answer; a peer without one goes to `missing`.
 * @throws Error if one of our own is wrong
 */
async function check(running: readonly Running[], missing: Missing[]): Promise<Map<Running, number>> {
  const differences = new Map<Running, number>();
  for (const each of running) {
    const { name, backend, tolerance, expected } = each;
    try {
      differences.set(each, await checkAnswer(each, expected, tolerance));
    } catch (error) {
      if (backend !== undefined) throw new Error(`${name}: ${messageOf(error)}`);
      missing.push({ name, error: messageOf(error) });
    }
  }
  return differences;
}

function entryOf({ threads }: Running, { samples, count }: Result, kind: Kind, operations: number): Entry {
  const milliseconds = spreadOf(samples.flat(), kind === 'latency');
  const gflops = operations / milliseconds.median / 1e6;
  return { threads, milliseconds, gflops, callsPerSample: kind === 'latency' ? count : undefined };
}
