// The barrier between kernels and the announcement of jobs (assembly/barrier.ts, src/engine/wasm/thread.ts):
// no interleaving of two or three threads hangs, leaves a barrier early or mixes up jobs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/cli/package_root.ts';
import { LEAVE } from '../../src/engine/wasm/layout.ts';
import * as explorer from './explorer.ts';
import { type Exploration, explore, moved, replaced, Violation, without } from './explorer.ts';

/** The words in shared memory, and what messages carry. */
interface Shared {
  /** The barrier's words. */
  arrived: number;
  generation: number;
  /** The job's words. */
  sequence: number;
  program: number;
  steps: number;
  /** Messages so far: starts that the engine has sent to helpers, and helpers that were ready. */
  started: number;
  ready: number;
}

/** A thread's variables. Those of the last group are no part of the protocol, and tell what has happened. */
interface Own {
  readonly thread: number;
  readonly threads: number;
  /** In the barrier: the generation, and the threads that had arrived before. */
  generation: number;
  before: number;
  /** In a helper: the announcement known, the one seen, and its words. */
  sequence: number;
  announced: number;
  program: number;
  steps: number;
  /** Executors that a helper has served. */
  served: number;
  /** Barriers arrived at, barriers left, and announcements made or followed. */
  arrivals: number;
  departures: number;
  announcements: number;
}

type Instruction = explorer.Instruction<Shared, Own>;
type Program = explorer.Program<Shared, Own>;

const SHARED: Shared = { arrived: 0, generation: 0, sequence: 0, program: 0, steps: 0, started: 0, ready: 0 };

const own = (thread: number, threads: number): Own => ({
  ...{ thread, threads, generation: 0, before: 0 },
  ...{ sequence: 0, announced: 0, program: 0, steps: 0, served: 0 },
  ...{ arrivals: 0, departures: 0, announcements: 0 },
});

const LEFT_EARLY = 'a thread leaves a barrier before all have arrived';
const MISSED = 'a helper misses or repeats an announcement';
const MIXED_UP = 'a helper takes the words of another job';

/**
 * assembly/barrier.ts. It looks once before it sleeps: a thread that looks more often does what one does that
 * looks later.
 */
const BARRIER: Program = [
  label('barrier'),
  {
    name: 'load generation',
    source: 'atomic.load<u32>(address, 4)',
    run: (own, shared) => {
      own.generation = shared.generation;
    },
  },
  {
    name: 'add to arrived',
    source: 'atomic.add<u32>(address, 1)',
    run: (own, shared) => {
      own.before = shared.arrived++;
      own.arrivals++;
    },
  },
  unseen('whether it is the last', ({ before, threads }) => (before === threads - 1 ? undefined : goTo('look'))),
  {
    name: 'reset arrived',
    source: 'atomic.store<u32>(address, 0)',
    run: (_, shared) => {
      shared.arrived = 0;
    },
  },
  {
    name: 'store generation',
    source: 'atomic.store<u32>(address, generation + 1, 4)',
    run: (own, shared) => {
      shared.generation = own.generation + 1;
    },
  },
  {
    name: 'notify those at the barrier',
    source: 'atomic.notify(address + 4, -1)',
    run: () => ({ wake: 'generation' }),
  },
  unseen('return of the last', () => goTo('return')),
  {
    name: 'look',
    source: 'atomic.load<u32>(address, 4)',
    run: (own, shared) => (shared.generation === own.generation ? undefined : goTo('return')),
  },
  {
    name: 'sleep at the barrier',
    source: 'atomic.wait<u32>(address + 4, generation, SLEEP)',
    run: (own, shared) => (shared.generation === own.generation ? { sleepOn: 'generation' } : undefined),
  },
  {
    name: 'look after sleep',
    source: 'atomic.load<u32>(address, 4)',
    run: (own, shared) =>
      shared.generation === own.generation ? goTo('sleep at the barrier') : goTo('return'),
  },
  unseen('return', (own, _, all) => {
    own.departures++;
    if (all.some(({ arrivals }) => arrivals < own.departures)) throw new Violation(LEFT_EARLY);
  }),
];

/** At the third barrier the words have been through all that can come before. One more is for good measure. */
const GENERATIONS = 4;

function meetAgainAndAgain(barrier: Program): Program {
  return [...barrier, unseen('next', (own) => (own.departures < GENERATIONS ? goTo('barrier') : undefined))];
}

/** The first executor's jobs, and those of the next one in the same memory. Each job has words of its own. */
const ANNOUNCEMENTS = [
  { program: 1, steps: 11 },
  { program: 2, steps: 12 },
  { program: LEAVE, steps: 0 },
  { program: 3, steps: 13 },
  { program: LEAVE, steps: 0 },
];

/** The engine's thread: engine.ts, executor.ts and `announce` in thread.ts. Each job meets at one barrier. */
const ENGINE: Program = [
  label('prepare'),
  {
    name: 'start a helper',
    run: ({ threads }, shared) => {
      shared.started++;
      return shared.started % (threads - 1) === 0 ? undefined : goTo('prepare');
    },
  },
  {
    name: 'await ready helpers',
    run: (_, { started, ready }) => (ready < started ? 'blocked' : undefined),
  },
  label('announce'),
  {
    name: 'write program',
    source: 'job[JOB.program] = program',
    run: ({ announcements }, shared) => {
      shared.program = ANNOUNCEMENTS[announcements].program;
    },
  },
  {
    name: 'write steps',
    source: 'job[JOB.steps] = steps',
    run: ({ announcements }, shared) => {
      shared.steps = ANNOUNCEMENTS[announcements].steps;
    },
  },
  {
    name: 'add to sequence',
    source: 'Atomics.add(job, JOB.sequence, 1)',
    run: (_, shared) => {
      shared.sequence++;
    },
  },
  {
    name: 'notify helpers',
    source: 'Atomics.notify(job, JOB.sequence)',
    run: () => ({ wake: 'sequence' }),
  },
  unseen('whether it was a job', (own) => {
    if (ANNOUNCEMENTS[own.announcements++].program !== LEAVE) return undefined;
    return goTo(own.announcements < ANNOUNCEMENTS.length ? 'prepare' : 'end');
  }),
  ...BARRIER,
  unseen('next', () => goTo('announce')),
  label('end'),
];

/** A helper: `serve` in thread.ts, begun again by the message of the next executor. */
const HELPER: Program = [
  label('serve'),
  {
    name: 'receive start',
    run: ({ thread, threads, served }, { started }) =>
      started < served * (threads - 1) + thread ? 'blocked' : undefined,
  },
  {
    name: 'load sequence',
    source: 'Atomics.load(job, JOB.sequence)',
    run: (own, shared) => {
      own.sequence = shared.sequence;
    },
  },
  {
    name: 'say ready',
    source: 'ready()',
    run: (_, shared) => {
      shared.ready++;
    },
  },
  {
    name: 'sleep until a job comes',
    source: 'Atomics.wait(job, JOB.sequence, sequence, SLEEP_MILLISECONDS)',
    run: (own, shared) => (shared.sequence === own.sequence ? { sleepOn: 'sequence' } : undefined),
  },
  {
    name: 'load announced',
    source: 'Atomics.load(job, JOB.sequence)',
    run: (own, shared) => {
      own.announced = shared.sequence;
    },
  },
  unseen('compare with announced', ({ announced, sequence }) =>
    announced === sequence ? goTo('sleep until a job comes') : undefined,
  ),
  unseen('follow', (own) => {
    own.sequence = own.announced;
    own.announcements++;
    // Announcements are counted from one.
    if (own.sequence !== own.announcements) throw new Violation(MISSED);
  }),
  {
    name: 'read whether to leave',
    source: 'job[JOB.program]',
    run: (own, shared) => {
      if (shared.program !== LEAVE) return undefined;
      checkWords(own, { program: LEAVE, steps: 0 });
      own.served++;
      return goTo(own.announcements < ANNOUNCEMENTS.length ? 'serve' : 'end');
    },
  },
  {
    name: 'read program',
    source: 'job[JOB.program]',
    run: (own, shared) => {
      own.program = shared.program;
    },
  },
  {
    name: 'read steps',
    source: 'job[JOB.steps]',
    run: (own, shared) => {
      own.steps = shared.steps;
    },
  },
  unseen('begin the job', (own) => {
    checkWords(own, own);
  }),
  ...BARRIER,
  unseen('next', () => goTo('sleep until a job comes')),
  label('end'),
];

function goTo(name: string): { readonly goTo: string } {
  return { goTo: name };
}

function unseen(name: string, run: Instruction['run']): Instruction {
  return { name, unseen: true, run };
}

function label(name: string): Instruction {
  return unseen(name, () => undefined);
}

/** @throws Violation if they are not those of the announcement that the helper follows */
function checkWords({ announcements }: Own, { program, steps }: Pick<Own, 'program' | 'steps'>): void {
  const expected = ANNOUNCEMENTS[announcements - 1];
  if (program !== expected.program || steps !== expected.steps) throw new Violation(MIXED_UP);
}

function exploreBarrier(threads: number, timeouts: number, barrier = BARRIER): Exploration {
  const program = meetAgainAndAgain(barrier);
  return explore({
    shared: SHARED,
    threads: Array.from({ length: threads }, (_, thread) => ({ program, own: own(thread, threads) })),
    timeouts,
  });
}

function exploreJobs(threads: number, timeouts: number, engine = ENGINE, helper = HELPER): Exploration {
  return explore({
    shared: SHARED,
    threads: Array.from({ length: threads }, (_, thread) => ({
      program: thread === 0 ? engine : helper,
      own: own(thread, threads),
    })),
    timeouts,
  });
}

it.skip('x', () => {
  void [moved, replaced, without, readFileSync, join, packageRoot];
});
describe.each([2, 3])('%i threads', (threads) => {
  it.each([0, 1, 2])('b %i', (timeouts) => {
    const b = performance.now();
    const r = exploreBarrier(threads, timeouts);
    console.log('barrier', threads, timeouts, JSON.stringify(r), performance.now() - b);
    expect(r.violation).toBeUndefined();
  });
  it.each([0, 1])('j %i', (timeouts) => {
    const b = performance.now();
    const r = exploreJobs(threads, timeouts);
    console.log('jobs', threads, timeouts, JSON.stringify(r), performance.now() - b);
    expect(r.violation).toBeUndefined();
  });
});
