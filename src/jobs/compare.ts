// The same training on several engines, one after the other.
import { type Dataset, select } from '../data/dataset.ts';
import type { EngineInfo } from '../engine/engine.ts';
import type { Host } from '../engine/host.ts';
import { open } from '../engine/open.ts';
import { messageOf } from '../errors.ts';
import { largestParameterDifference, summarise, TraceRecorder } from '../evaluation/comparison.ts';
import type { Parameters } from '../network/initialisation.ts';
import { type LowerOptions, lower } from '../network/lower.ts';
import { checkFit, countParameters, formatNetwork, parseNetwork } from '../network/spec.ts';
import { train } from '../training/trainer.ts';
import { readParameters, writeDataset } from '../training/transfer.ts';
import type {
  CompareEvent,
  CompareJob,
  CompareReport,
  EngineOptions,
  EntrantEnd,
  JobControl,
} from './job.ts';

/** Of an entrant's parameters, after so many bytes those of every second epoch only are kept, and so on. */
const MAX_KEPT_BYTES = 2 ** 26;

/** By epoch, from 1. */
type ByEpoch = ReadonlyMap<number, Parameters>;

/**
 * Trains on each entrant in turn, from the same parameters on the same batches. One that cannot run, or
 * fails, says why in its report, and the others go on. The reference is the first that came to its end.
 * @throws InputError if network, recipe or selection do not fit the data set, before anything runs
 */
export async function runCompareJob(
  job: CompareJob,
  dataset: Dataset,
  host: Host,
  control: JobControl<CompareEvent> = {},
): Promise<CompareReport> {
  const network = parseNetwork(job.network);
  checkFit(network, dataset);
  const data = select(dataset, job);
  const samples = { train: data.train.count, test: data.test.count };
  const lowering = { network, recipe: job.recipe, seed: job.seed, samples, image: data };
  const plan = lower(lowering);
  const extent = { batch: plan.recipe.batch, samples: samples.train };

  const entrants: CompareReport['entrants'][number][] = [];
  /** The parameters of those that did not fail, which later ones are held against. */
  const earlier: (ByEpoch | undefined)[] = [];
  let reference: { readonly entrant: number; readonly trace: TraceRecorder } | undefined;
  for (const [entrant, { name, engine }] of job.entrants.entries()) {
    const { trace, parameters, info, end } = await runEntrant(
      entrant,
      engine,
      lowering,
      data,
      host,
      control,
      earlier,
      reference?.entrant,
    );
    const failed = end.failure !== undefined;
    earlier.push(failed ? undefined : parameters);
    if (!failed) reference ??= { entrant, trace };
    entrants.push({ name, engine: info, ...end, ...summarise(trace, reference?.trace, extent), ...trace });
  }
  return {
    schema: 'mnist-kernels/compare@1',
    environment: { runtime: host.runtime, userAgent: host.userAgent },
    network: formatNetwork(network),
    recipe: plan.recipe,
    seed: plan.seed,
    dataset: { name: data.name, ...samples },
    entrants,
  };
}

interface EntrantRun {
  readonly trace: TraceRecorder;
  readonly parameters: ByEpoch;
  readonly info: EngineInfo | undefined;
  readonly end: EntrantEnd;
}

/**
 * @param earlier the parameters of those before it
 * @param reference which of them its trace is held against
 */
async function runEntrant(
  entrant: number,
  options: EngineOptions,
  lowering: LowerOptions,
  data: Dataset,
  host: Host,
  { signal, gate, onEvent }: JobControl<CompareEvent>,
  earlier: readonly (ByEpoch | undefined)[],
  reference: number | undefined,
): Promise<EntrantRun> {
  const trace = new TraceRecorder();
  const parameters = new Map<number, Parameters>();
  const { epochs } = lowering.recipe;
  const every = Math.ceil((epochs * 4 * countParameters(lowering.network)) / MAX_KEPT_BYTES);
  let info: EngineInfo | undefined;

  const run = async (): Promise<EntrantEnd> => {
    await gate?.();
    if (signal?.aborted) return { failure: 'the comparison was stopped before its turn', stopped: true };
    const { engine } = await open(host, options);
    try {
      info = engine.info;
      onEvent?.({ kind: 'opened', entrant, info });
      const plan = lower({ ...lowering, evaluationBatch: engine.evaluationBatch });
      const executor = await engine.prepare(plan);
      await writeDataset(executor, data);
      const { stopped } = await train(executor, {
        signal,
        gate,
        onProgress: ({ stepLosses, seconds, step, steps }) => {
          trace.addSteps(stepLosses, seconds);
          onEvent?.({ kind: 'steps', entrant, losses: stepLosses, seconds, share: step / steps });
        },
        onEpoch: async (report) => {
          const kept = report.epoch % every === 0 || report.epoch === epochs;
          const now = kept ? await readParameters(executor) : undefined;
          if (now) parameters.set(report.epoch, now);
          const parameterDifferences = earlier.map((each) => {
            const then = each?.get(report.epoch);
            return now && then ? largestParameterDifference(now, then) : null;
          });
          trace.addEpoch(report, reference === undefined ? null : parameterDifferences[reference]);
          onEvent?.({ kind: 'epoch', entrant, report, parameterDifferences });
        },
      });
      return { stopped };
    } finally {
      engine.dispose();
    }
  };

  const end = await run().catch((error: unknown) => ({ failure: messageOf(error), stopped: false }));
  onEvent?.({ kind: 'ended', entrant, end });
  return { trace, parameters, info, end };
}
