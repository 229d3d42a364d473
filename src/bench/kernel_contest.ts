// One kernel on one shape in turns: somebody's own text, the one that ships, and the same product of tfjs.
import type { Engine, Executor } from '../engine/engine.ts';
import type { Host } from '../engine/host.ts';
import type { KernelTime } from '../engine/profile.ts';
import { messageOf } from '../errors.ts';
import { kernelSpec } from '../network/kernels.ts';
import { MAX_STEPS_PER_RUN } from '../network/plan.ts';
import { type KernelCase, planOf } from '../validation/cases.ts';
import { judge } from '../validation/check_kernel.ts';
import { type Contestant, entrant } from './contestant.ts';
import type { TfjsBackend } from './peers/tfjs_backend.ts';
import { checkAnswer, compete, ratioOf, type Spread, spreadOf, throughput } from './turns.ts';

export interface TimedKernel {
  readonly name: string;
  readonly version?: string;
  /** Of one call. */
  readonly milliseconds?: Spread;
  /** Its time over the subject's, pair by pair; the subject has none. */
  readonly ratio?: { readonly median: number; readonly low: number; readonly high: number };
  /** Why there is no time. */
  readonly error?: string;
}

export interface KernelContest {
  /** The first is the subject. */
  readonly entries: readonly TimedKernel[];
  /** Of one call of the subject. */
  readonly operations: number;
  readonly bytes: number;
}

/** An engine with the name of whose text it runs. */
export interface Contender {
  readonly name: string;
  readonly engine: Engine;
}

export interface ContestOptions {
  readonly kernelCase: KernelCase;
  /** The subject first. */
  readonly contenders: readonly Contender[];
  readonly host: Host;
  /** Left out, without tfjs. */
  readonly tfjs?: TfjsBackend;
  /** For each of the two contests at least: of ours by the device's time, and with tfjs by the clock. */
  readonly seconds: number;
  /** Milliseconds: the smallest step of the clock. */
  readonly clock: number;
  /** Called between turns with the share of the time that is over. */
  readonly onRound?: (share: number) => void;
}

/** @throws Error if the engine cannot tell its kernels apart */
export async function timeKernel(options: ContestOptions): Promise<KernelContest> {
  const { kernelCase, contenders, tfjs, onRound = () => {} } = options;
  const executors: Executor[] = [];
  try {
    for (const { engine } of contenders) executors.push(await prepared(engine, kernelCase));
    const part = tfjs ? 0.5 : 1;
    const rounds = await profileInTurns(executors, kernelCase, options.seconds, (share) =>
      onRound(part * share),
    );
    const [subject] = rounds;
    const entries = rounds.map(
      (runs, index): TimedKernel => ({
        name: contenders[index].name,
        milliseconds: spreadOf(runs.map(millisecondsOf)),
        ...(index > 0 && { ratio: ratioOf(singly(runs), singly(subject)) }),
      }),
    );
    const peer =
      tfjs && (await timeTfjs(tfjs, executors[0], options, (share) => onRound(part + part * share)));
    const cost = totalOf(subject[0]);
    return { entries: peer ? [...entries, peer] : entries, ...cost };
  } finally {
    for (const executor of executors) executor.dispose();
  }
}

async function prepared(engine: Engine, kernelCase: KernelCase): Promise<Executor> {
  const executor = await engine.prepare(planOf(kernelCase));
  for (const [name, data] of Object.entries(kernelCase.contents)) await executor.write(name, data);
  return executor;
}

const MIN_ROUNDS = 5;

/** @returns of each executor, its profiles */
async function profileInTurns(
  executors: readonly Executor[],
  { step }: KernelCase,
  seconds: number,
  onRound: (share: number) => void,
): Promise<(readonly KernelTime[])[][]> {
  const rounds: (readonly KernelTime[])[][] = executors.map(() => []);
  const begin = performance.now();
  const passed = () => (performance.now() - begin) / 1000;
  const profile = async (executor: Executor) => {
    const times = await executor.profile?.('train', step);
    if (!times) throw new Error('this engine cannot tell its kernels apart');
    return times;
  };
  // The first time is of what is not warm yet.
  for (const executor of executors) await profile(executor);
  while (rounds[0].length < MIN_ROUNDS || passed() < seconds) {
    onRound(Math.min(1, passed() / seconds));
    for (const [index, executor] of executors.entries()) rounds[index].push(await profile(executor));
  }
  return rounds;
}

/** A kernel may be several dispatches. */
const millisecondsOf = (run: readonly KernelTime[]) =>
  run.reduce((sum, { milliseconds }) => sum + milliseconds, 0);

const singly = (runs: readonly (readonly KernelTime[])[]) => runs.map((run) => [millisecondsOf(run)]);

function totalOf(run: readonly KernelTime[]): { operations: number; bytes: number } {
  const sum = (field: 'operations' | 'bytes') => run.reduce((total, each) => total + each[field], 0);
  return { operations: sum('operations'), bytes: sum('bytes') };
}

/** What float32 sums of some hundred products differ by in any order, as a share of the largest. */
const TOLERANCE = 1e-4;

/** tfjs tells no times of its kernels: both are timed by the clock, many calls in a row. */
async function timeTfjs(
  backend: TfjsBackend,
  subject: Executor,
  { kernelCase, contenders, host, seconds, clock }: ContestOptions,
  onRound: (share: number) => void,
): Promise<TimedKernel> {
  const name = `tfjs-${backend}`;
  let peer: Contestant | undefined;
  try {
    const { tfjsProduct, tfjsResultOf } = await import('./peers/tfjs_product.ts');
    peer = await tfjsProduct(kernelCase, host, backend);
    const result = tfjsResultOf(kernelCase.kernel)!;
    const { exact, length } = (await judge(contenders[0].engine, kernelCase)).find(
      ({ operand }) => operand === result,
    )!;
    const expected = Float64Array.from(exact.subarray(0, length));
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    const [ours, theirs] = [entrant(inARow(subject, kernelCase)), entrant(peer)];
    await checkAnswer(theirs, expected, TOLERANCE * largest);
    const [own, other] = await compete([ours, theirs], seconds, throughput(clock), onRound);
    return {
      name,
      version: peer.version,
      milliseconds: spreadOf(other.samples.flat()),
      ratio: ratioOf(other.samples, own.samples),
    };
  } catch (error) {
    return { name, error: messageOf(error) };
  } finally {
    peer?.dispose();
  }
}

/** The subject by the clock. */
function inARow(executor: Executor, { kernel, step }: KernelCase): Contestant {
  const [written] = Object.entries(kernelSpec(kernel).operands).find(([, { access }]) => access !== 'read')!;
  return {
    name: '',
    version: '',
    threads: 1,
    async run(count) {
      for (let left = count; left > 0; left -= MAX_STEPS_PER_RUN) {
        const steps = Array.from({ length: Math.min(left, MAX_STEPS_PER_RUN) }, () => step);
        await executor.run('train', steps);
      }
      await executor.read(written);
    },
    answer: async () => new Float32Array(0),
    dispose: () => {},
  };
}
