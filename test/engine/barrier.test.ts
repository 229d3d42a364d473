// The barrier between kernels and the announcement of jobs (assembly/barrier.ts, src/engine/wasm/thread.ts):
// no interleaving of two or three threads hangs, leaves a barrier early or mixes up jobs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LEAVE } from '../../src/engine/wasm/memory_map.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import * as explorer from './explorer.ts';
import { DEADLOCK, ENDLESS, type Exploration, moved, replaced, Violation, without } from './explorer.ts';

/** The words in shared memory, and what messages carry. */
interface Shared {
  /** The barrier's words. */
  arrived: number;
  generation: number;
  /** The job's words. */
  sequence: number;
  program: number;
  steps: number;
  /** Messages so far: starts that the engine has sent to helpers, and answers that a helper is ready. */
  started: number;
  ready: number;
}

/** A thread's variables. Those of the last group are no part of the protocol: checks look at them. */
interface Own {
  readonly thread: number;
  readonly threads: number;
  /** In the barrier: the generation at arrival, and the threads that had arrived before. */
  generation: number;
  before: number;
  /** In a helper: the sequence number that it knows, the one that it sees, and the job's words. */
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

const LEFT_EARLY = 'a thread leaves a barrier before all have arrived';
const MISSED = 'a helper misses or repeats an announcement';
const MIXED_UP = 'a helper takes other words than those announced';

/**
 * assembly/barrier.ts. A thread looks once before it sleeps: one that looks more often does nothing that this
 * one, looking later, does not.
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
  unseen('decide who is last', (own) => {
    const last = own.before === own.threads - 1;
    // Forgotten, as states that differ in it alone behave alike.
    own.before = 0;
    return last ? undefined : goTo('look');
  }),
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
    name: 'notify the others',
    source: 'atomic.notify(address + 4, -1)',
    run: () => ({ wake: 'generation' }),
  },
  unseen('leave as the last', () => goTo('leave')),
  {
    name: 'look',
    source: 'atomic.load<u32>(address, 4)',
    run: (own, shared) => (shared.generation === own.generation ? undefined : goTo('leave')),
  },
  {
    name: 'sleep at the barrier',
    source: 'atomic.wait<u32>(address + 4, generation, SLEEP)',
    run: (own, shared) => (shared.generation === own.generation ? { sleepOn: 'generation' } : undefined),
  },
  {
    name: 'look after sleep',
    source: 'atomic.load<u32>(address, 4)',
    run: (own, shared) => (shared.generation === own.generation ? undefined : goTo('leave')),
  },
  {
    // None fails here; one that does ends everything.
    name: 'look for a failure',
    source: 'atomic.load<u32>(address, 8)',
    run: () => goTo('sleep at the barrier'),
  },
  unseen('leave', (own, _, all) => {
    own.departures++;
    if (all.some(({ arrivals }) => arrivals < own.departures)) throw new Violation(LEFT_EARLY);
  }),
];

/** The first executor's jobs, and those of the next one in the same memory. Each job has words of its own. */
const ANNOUNCEMENTS = [
  { program: 1, steps: 11 },
  { program: 2, steps: 12 },
  { program: LEAVE, steps: 0 },
  { program: 3, steps: 13 },
  { program: LEAVE, steps: 0 },
];

const ANNOUNCE: Program = [
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
  unseen('end the announcement', (own) => {
    own.announcements++;
  }),
];

/** The engine's thread, as engine.ts and executor.ts have it. Each job meets at one barrier. */
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
  ...ANNOUNCE,
  unseen('execute or dispose', ({ announcements }) => {
    if (ANNOUNCEMENTS[announcements - 1].program !== LEAVE) return undefined;
    return goTo(announcements < ANNOUNCEMENTS.length ? 'prepare' : 'end');
  }),
  ...BARRIER,
  unseen('end of the job', () => goTo('announce')),
  label('end'),
];

/** Begun by a message, for each executor again. */
const SERVE: Program = [
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
  unseen('compare with announced', (own) =>
    own.announced === own.sequence ? goTo('sleep until a job comes') : undefined,
  ),
  unseen('follow', (own) => {
    own.sequence = own.announced;
    own.announcements++;
    if (own.sequence !== own.announcements) throw new Violation(MISSED);
  }),
  {
    name: 'read whether to leave',
    source: 'job[JOB.program]',
    run: (own, shared) => {
      const leaves = shared.program === LEAVE;
      if (leaves !== (ANNOUNCEMENTS[own.announcements - 1].program === LEAVE)) throw new Violation(MIXED_UP);
      if (!leaves) return undefined;
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
  unseen('execute', (own) => {
    const { program, steps } = ANNOUNCEMENTS[own.announcements - 1];
    if (own.program !== program || own.steps !== steps) throw new Violation(MIXED_UP);
  }),
];

const HELPER: Program = [
  ...SERVE,
  ...BARRIER,
  unseen('end of the job', () => goTo('sleep until a job comes')),
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

/** Threads are at most one barrier apart, so that three in a row would show every overlap. */
const BARRIERS = 4;

/** Threads that do nothing but meet. */
function exploreBarrier(threads: number, timeouts: number, barrier = BARRIER): Exploration {
  const again = unseen('again', ({ departures }) => (departures < BARRIERS ? goTo('barrier') : undefined));
  return explore(
    Array.from({ length: threads }, () => [...barrier, again]),
    timeouts,
  );
}

/** An engine and its helpers. */
function exploreJobs(threads: number, timeouts: number, engine = ENGINE, helper = HELPER): Exploration {
  return explore([engine, ...Array.from({ length: threads - 1 }, () => helper)], timeouts);
}

function explore(programs: readonly Program[], timeouts: number): Exploration {
  const shared = { arrived: 0, generation: 0, sequence: 0, program: 0, steps: 0, started: 0, ready: 0 };
  const zero = {
    ...{ generation: 0, before: 0, sequence: 0, announced: 0, program: 0, steps: 0, served: 0 },
    ...{ arrivals: 0, departures: 0, announcements: 0 },
  };
  const threads = programs.map((program, thread) => ({
    program,
    own: { thread, threads: programs.length, ...zero },
  }));
  return explorer.explore({ shared, threads, timeouts });
}

function operationsIn(file: string, pattern: RegExp): readonly string[] {
  return readFileSync(join(packageRoot(), file), 'utf8').match(pattern) ?? [];
}

function operationsOf(program: Program): readonly string[] {
  return program.flatMap(({ source }) => source ?? []);
}

it('models the operations of the sources, in their order', () => {
  expect(operationsOf(BARRIER)).toEqual(operationsIn('assembly/barrier.ts', /\batomic\.[^(]+\([^)]*\)/g));
  expect([...operationsOf(ANNOUNCE), ...operationsOf(SERVE)]).toEqual(
    operationsIn(
      'src/engine/wasm/thread.ts',
      /\bAtomics\.\w+\(job\b[^)]*\)|\bjob\[JOB\.\w+\]( = \w+)?|\bready\(\)/g,
    ),
  );
});

describe.each([2, 3])('%i threads', (threads) => {
  // Without time-outs a lost wake-up is a deadlock; one for each thread shows what an early awakening does.
  describe.each([0, 1])('whose sleeps end by themselves %i times', (timeouts) => {
    it('leave each barrier when all have arrived', () => {
      expect(exploreBarrier(threads, timeouts).violation).toBeUndefined();
    });

    it('execute each job once, executor after executor', () => {
      expect(exploreJobs(threads, timeouts).violation).toBeUndefined();
    });
  });

  it.each<[error: string, kind: string, barrier: Program]>([
    [
      'stores the generation before it resets arrived',
      DEADLOCK,
      moved(BARRIER, 'store generation', 'reset arrived'),
    ],
    ['does not reset arrived', DEADLOCK, without(BARRIER, 'reset arrived')],
    [
      'notifies before it stores the generation',
      DEADLOCK,
      moved(BARRIER, 'notify the others', 'store generation'),
    ],
    ['does not notify', DEADLOCK, without(BARRIER, 'notify the others')],
    [
      'loads the generation after it has added to arrived',
      DEADLOCK,
      moved(BARRIER, 'load generation', 'decide who is last'),
    ],
    [
      'sleeps without comparing',
      DEADLOCK,
      replaced(BARRIER, 'sleep at the barrier', { run: () => ({ sleepOn: 'generation' }) }),
    ],
    [
      'leaves whenever it wakes',
      LEFT_EARLY,
      replaced(BARRIER, 'look after sleep', { run: () => goTo('leave') }),
    ],
    [
      'takes the last but one for the last',
      LEFT_EARLY,
      replaced(BARRIER, 'decide who is last', {
        run: ({ before, threads }) => (before === threads - 2 ? undefined : goTo('look')),
      }),
    ],
    [
      'looks for ever instead of sleeping',
      ENDLESS,
      replaced(BARRIER, 'sleep at the barrier', { run: () => goTo('look') }),
    ],
  ])('would not get by with a barrier that %s', (_, kind, barrier) => {
    expect(exploreBarrier(threads, 1, barrier).violation?.kind).toBe(kind);
  });

  it.each<[error: string, kind: string, engine: Program, helper: Program]>([
    [
      'the engine writes the words after it has added to the sequence',
      MIXED_UP,
      moved(ENGINE, 'add to sequence', 'write program'),
      HELPER,
    ],
    [
      'the engine notifies before it adds to the sequence',
      DEADLOCK,
      moved(ENGINE, 'notify helpers', 'add to sequence'),
      HELPER,
    ],
    [
      'the engine does not wait for helpers to be ready',
      DEADLOCK,
      without(ENGINE, 'await ready helpers'),
      HELPER,
    ],
    [
      'the engine clears the job in memory that it uses again',
      MIXED_UP,
      replaced(ENGINE, 'prepare', {
        run: (_, shared) => {
          shared.program = 0;
        },
      }),
      HELPER,
    ],
    [
      'helpers load the sequence when they have said that they are ready',
      DEADLOCK,
      ENGINE,
      moved(HELPER, 'load sequence', 'sleep until a job comes'),
    ],
    [
      'helpers sleep without comparing',
      DEADLOCK,
      ENGINE,
      replaced(HELPER, 'sleep until a job comes', { run: () => ({ sleepOn: 'sequence' }) }),
    ],
    ['helpers take every awakening for a job', MISSED, ENGINE, without(HELPER, 'compare with announced')],
    [
      'a job has no barrier',
      MISSED,
      replaced(ENGINE, 'barrier', { run: () => goTo('end of the job') }),
      replaced(HELPER, 'barrier', { run: () => goTo('end of the job') }),
    ],
  ])('would go wrong if %s', (_, kind, engine, helper) => {
    expect(exploreJobs(threads, 1, engine, helper).violation?.kind).toBe(kind);
  });
});
