// Training from options to report.
import { type Dataset, select } from '../data/dataset.ts';
import { buildOf, type EngineInfo, type Executor } from '../engine/engine.ts';
import type { Host } from '../engine/host.ts';
import { open } from '../engine/open.ts';
import { profileStep } from '../engine/profile.ts';
import { DeviceError } from '../errors.ts';
import { evaluate } from '../evaluation/evaluation.ts';
import type { TrainedModel } from '../formats/model.ts';
import { sha256Of } from '../formats/sha256.ts';
import type { Parameters } from '../network/initialisation.ts';
import { type LowerOptions, lower } from '../network/lower.ts';
import type { Plan } from '../network/plan.ts';
import { checkFit, countParameters, formatNetwork, parseNetwork } from '../network/spec.ts';
import { checkParameters, checkSnapshot } from '../training/check_beginning.ts';
import { measureWithLogits } from '../training/measure.ts';
import type { Checkpoint } from '../training/report.ts';
import { trainingSteps } from '../training/schedule.ts';
import { type TrainResult, train } from '../training/trainer.ts';
import { heldBy, writeDataset } from '../training/transfer.ts';
import { environmentOf } from './environment.ts';
import type { EngineOptions, TrainControl, TrainJob, TrainOutcome } from './job.ts';

/**
 * Trains, evaluates and reports. If a device is lost on the way, the last finished epoch is kept and
 * evaluated on WASM; with backend `auto` the training goes on there.
 * @throws InputError if the job asks for something that is not to be had, before anything is allocated
 */
export function runTrainJob(
  job: TrainJob,
  dataset: Dataset,
  host: Host,
  control: TrainControl = {},
): Promise<TrainOutcome> {
  // An async function would hold the data set for as long as it waits.
  try {
    return new TrainRun(job, dataset, host, control).run();
  } catch (error) {
    return Promise.reject(error);
  }
}

/** A job's training, on one engine and if need be on another. */
class TrainRun {
  private snapshot: Checkpoint | undefined;
  /** Why the first engine's device was lost. */
  private deviceLost: string | undefined;
  private readonly job: TrainJob;
  private readonly host: Host;
  private readonly control: TrainControl;
  /** What is trained and tested on; once the engine has it, as the engine holds it. */
  private data: Dataset;
  private readonly lowering: LowerOptions;
  private readonly plan: Plan;
  /** When the last snapshot was told of. */
  private told = performance.now();

  constructor(job: TrainJob, dataset: Dataset, host: Host, control: TrainControl) {
    const network = parseNetwork(job.network);
    checkFit(network, dataset);
    this.job = job;
    this.host = host;
    this.control = control;
    this.data = select(dataset, job);
    const samples = { train: this.data.train.count, test: this.data.test.count };
    const { width, height } = dataset;
    this.lowering = { network, recipe: job.recipe, seed: job.seed, samples, image: { width, height } };
    this.plan = lower(this.lowering);
    if (job.resume) checkSnapshot(job.resume, this.plan);
    if (job.parameters) checkParameters(job.parameters, this.plan);
    this.snapshot = job.resume;
  }

  async run(): Promise<TrainOutcome> {
    const { job, control } = this;
    try {
      return await this.attempt(job);
    } catch (error) {
      const goesOn = job.backend === 'auto';
      if (!(error instanceof DeviceError) || !(goesOn || this.snapshot)) throw error;
      this.deviceLost = error.message;
      control.onEvent?.({ kind: 'lost', message: error.message, goesOn });
      return this.attempt(
        { ...job, backend: 'wasm', precision: undefined },
        goesOn ? control.signal : AbortSignal.abort(),
      );
    }
  }

  /** From the snapshot, if there is one. */
  private async attempt(options: EngineOptions, signal = this.control.signal): Promise<TrainOutcome> {
    const { onEvent } = this.control;
    const { engine, passedOver } = await open(this.host, options);
    try {
      onEvent?.({ kind: 'engine', info: engine.info, passedOver });
      const build = buildWith(options, engine.info);
      const from = this.snapshot?.builds.filter((each) => each !== build) ?? [];
      if (from.length > 0) onEvent?.({ kind: 'moved', from, to: build });
      const builds = [...from, build];
      const { evaluationBatch } = engine;
      const executor = await engine.prepare(lower({ ...this.lowering, evaluationBatch }));
      if (engine.tuning?.length) onEvent?.({ kind: 'tuned', rows: engine.tuning });
      await this.handOver(executor);
      const mayFail = engine.info.backend === 'webgpu';
      // tfjs does not give its optimizer's state out.
      const goesOn = engine.info.backend !== 'tfjs';
      const result = await train(executor, {
        parameters: this.job.parameters,
        resume: this.snapshot,
        signal,
        gate: this.control.gate,
        paused: this.control.paused,
        watch: this.control.watch,
        onProgress: (progress) => onEvent?.({ kind: 'progress', progress }),
        onEpoch: (report) => onEvent?.({ kind: 'epoch', report }),
        onSnapshot: goesOn ? (next) => this.keep({ ...next, builds }) : undefined,
        snapshotDue: () => mayFail || this.isDue(),
      });
      return await this.outcome(executor, engine.info, builds, result);
    } finally {
      engine.dispose();
    }
  }

  /** Writes the data set, and holds on to the executor's copy alone. */
  private async handOver(executor: Executor): Promise<void> {
    await writeDataset(executor, this.data);
    this.data = heldBy(executor, this.data);
    const { holdOut, trainLimit } = this.job;
    if (holdOut === undefined && trainLimit === undefined) this.control.onHeld?.(this.data);
  }

  private isDue(): boolean {
    return performance.now() - this.told >= 1000 * (this.job.snapshotSeconds ?? Infinity);
  }

  private keep(next: Checkpoint): void {
    this.snapshot = next;
    if (!this.isDue()) return;
    this.told = performance.now();
    this.control.onEvent?.({ kind: 'snapshot', snapshot: next });
  }

  private async outcome(
    executor: Executor,
    info: EngineInfo,
    builds: readonly string[],
    { parameters, ...result }: TrainResult,
  ): Promise<TrainOutcome> {
    const { plan, data, job } = this;
    const { network } = plan;
    const { measurement, logits } = await measureWithLogits(executor);
    const { name, width, height, classes, classNames } = data;
    const named = classNames && { classNames };
    const [first] = trainingSteps(plan.recipe, data.train.count, 0, 0, 1);
    return {
      profile: job.profile ? await profileStep(executor, 'train', first) : undefined,
      report: {
        schema: 'mnist-kernels/train@1',
        environment: environmentOf(this.host, info),
        network: formatNetwork(network),
        recipe: plan.recipe,
        seed: plan.seed,
        batch: plan.batch.train,
        dataset: { name, train: data.train.count, test: data.test.count, ...named },
        builds,
        epochs: result.epochs,
        seconds: result.seconds,
        stopped: result.stopped,
        keptEpoch: result.keptEpoch,
        stepLosses: result.stepLosses,
        deviceLost: this.deviceLost,
        test: measurement,
        parameters: { count: countParameters(network), sha256: await fingerprint(parameters) },
      },
      evaluation: evaluate(logits, data.test, classes),
      dataset: { name, width, height, classes, ...named },
      parameters,
    };
  }
}

/** What a training's file holds. */
export function modelOf({ report, parameters, dataset }: TrainOutcome): TrainedModel {
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
