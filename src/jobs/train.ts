// Training from options to report.
import { type Dataset, select } from '../data/dataset.ts';
import { buildOf, type EngineInfo } from '../engine/engine.ts';
import type { Host } from '../engine/host.ts';
import { open } from '../engine/open.ts';
import { profileStep } from '../engine/profile.ts';
import { DeviceError } from '../errors.ts';
import { evaluate } from '../evaluation/evaluation.ts';
import type { Model } from '../formats/model.ts';
import { sha256Of } from '../formats/sha256.ts';
import type { Parameters } from '../network/initialisation.ts';
import { lower } from '../network/lower.ts';
import { checkFit, countParameters, type DataShape, formatNetwork, parseNetwork } from '../network/spec.ts';
import type { Checkpoint } from '../training/report.ts';
import { trainingSteps } from '../training/schedule.ts';
import { train } from '../training/trainer.ts';
import { measureWithLogits, writeDataset } from '../training/transfer.ts';
import { environmentOf } from './environment.ts';
import type { EngineOptions, TrainControl, TrainJob, TrainOutcome } from './job.ts';

/**
 * Trains, evaluates and reports. If a device is lost on the way, the last finished epoch is kept and
 * evaluated on WASM; with backend `auto` the training goes on there.
 * @throws InputError if the job asks for something that is not to be had, before anything is allocated
 */
export async function runTrainJob(
  job: TrainJob,
  dataset: Dataset,
  host: Host,
  control: TrainControl = {},
): Promise<TrainOutcome> {
  const network = parseNetwork(job.network);
  checkFit(network, dataset);
  const data = select(dataset, job);
  const samples = { train: data.train.count, test: data.test.count };
  const plan = lower({ network, recipe: job.recipe, seed: job.seed, samples, image: dataset });

  let snapshot = job.resume;
  let told = performance.now();
  let deviceLost: string | undefined;
  const isDue = () => performance.now() - told >= 1000 * (job.snapshotSeconds ?? Infinity);
  const keep = (next: Checkpoint) => {
    snapshot = next;
    if (!isDue()) return;
    told = performance.now();
    control.onEvent?.({ kind: 'snapshot', snapshot: next });
  };
  const attempt = async (options: EngineOptions, signal = control.signal): Promise<TrainOutcome> => {
    const { engine, passedOver } = await open(host, options);
    try {
      control.onEvent?.({ kind: 'engine', info: engine.info, passedOver });
      const build = buildWith(options, engine.info);
      const from = snapshot?.builds.filter((each) => each !== build) ?? [];
      if (from.length > 0) control.onEvent?.({ kind: 'moved', from, to: build });
      const builds = [...from, build];
      const executor = await engine.prepare(plan);
      if (engine.tuning?.length) control.onEvent?.({ kind: 'tuned', rows: engine.tuning });
      await writeDataset(executor, data);
      const mayFail = engine.info.backend === 'webgpu';
      // tfjs does not give its optimizer's state out.
      const goesOn = engine.info.backend !== 'tfjs';
      const result = await train(executor, {
        resume: snapshot,
        signal,
        gate: control.gate,
        paused: control.paused,
        onProgress: (progress) => control.onEvent?.({ kind: 'progress', progress }),
        onEpoch: (report) => control.onEvent?.({ kind: 'epoch', report }),
        onSnapshot: goesOn ? (next) => keep({ ...next, builds }) : undefined,
        snapshotDue: () => mayFail || isDue(),
      });
      const { measurement, logits } = await measureWithLogits(executor);
      const [first] = trainingSteps(plan.recipe, samples.train, 0, 0, 1);
      const profile = job.profile ? await profileStep(executor, 'train', first) : undefined;
      return {
        profile,
        report: {
          schema: 'mnist-kernels/train@1',
          environment: environmentOf(host, engine.info),
          network: formatNetwork(network),
          recipe: plan.recipe,
          seed: plan.seed,
          batch: plan.batch.train,
          dataset: { name: data.name, ...samples },
          builds,
          epochs: result.epochs,
          seconds: result.seconds,
          stopped: result.stopped,
          keptEpoch: result.keptEpoch,
          stepLosses: result.stepLosses,
          deviceLost,
          test: measurement,
          parameters: { count: countParameters(network), sha256: await fingerprint(result.parameters) },
        },
        evaluation: evaluate(logits, data.test, data.classes),
        parameters: result.parameters,
      };
    } finally {
      engine.dispose();
    }
  };

  try {
    return await attempt(job);
  } catch (error) {
    const goesOn = job.backend === 'auto';
    if (!(error instanceof DeviceError) || !(goesOn || snapshot)) throw error;
    deviceLost = error.message;
    control.onEvent?.({ kind: 'lost', message: error.message, goesOn });
    return attempt(
      { ...job, backend: 'wasm', precision: undefined },
      goesOn ? control.signal : AbortSignal.abort(),
    );
  }
}

/** What a training's file holds. */
export function modelOf({ report, parameters }: TrainOutcome, dataset: DataShape): Model {
  const { network, recipe, seed, test } = report;
  return {
    network: parseNetwork(network),
    recipe,
    seed,
    accuracy: test.accuracy,
    dataset,
    parameters,
    report,
  };
}

/** The engine's build, and what else of the options decides its bits. */
function buildWith({ precision }: EngineOptions, info: EngineInfo): string {
  return precision === 'mixed' ? `${buildOf(info)}, mixed precision` : buildOf(info);
}

/** SHA-256 in hexadecimal, or null on a page that is not secure. */
async function fingerprint(parameters: Parameters): Promise<string | null> {
  if (!globalThis.crypto?.subtle) return null;
  const blob = new Blob(Object.values(parameters) as Float32Array<ArrayBuffer>[]);
  return sha256Of(await blob.arrayBuffer());
}
