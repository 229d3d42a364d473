// A session where it computes: on a host, in Node or in a browser's worker.
import type { Dataset } from '../data/dataset.ts';
import type { Engine, EngineInfo, PassedOver } from '../engine/engine.ts';
import type { Host } from '../engine/host.ts';
import { type OpenOptions, open } from '../engine/open.ts';
import { InputError } from '../errors.ts';
import { type Evaluation, evaluate } from '../evaluation/evaluation.ts';
import type { Model, TrainedModel } from '../formats/model.ts';
import { infer } from '../jobs/evaluate.ts';
import type { TrainControl, TrainJob, TrainOutcome } from '../jobs/job.ts';
import { modelOf, runTrainJob } from '../jobs/train.ts';
import { checkKernelName, KERNEL_NAMES, type KernelName } from '../network/kernels.ts';
import type { TypedArray } from '../network/plan.ts';
import { checkRecipe, checkSeed, type Recipe } from '../network/recipe.ts';
import { checkFit, fitNetwork } from '../network/spec.ts';
import { mixed, worst } from '../oracle/bounds.ts';
import { DEFAULT_RECIPE, findRecipe, type Preset } from '../training/recipes.ts';
import { casesOf } from '../validation/cases.ts';
import { checkKernel, type KernelResult } from '../validation/check_kernel.ts';
import { EnginePredictor } from './engine_predictor.ts';
import { runKernel } from './run_kernel.ts';
import type { KernelConstants, Predictor, Session, SessionOptions, TrainOptions } from './session.ts';

/**
 * @param turn awaited now and then, so that whatever else waits gets its turn
 * @throws InputError if the backend named cannot run here, with the reason
 */
export async function openHostSession(
  host: Host,
  { backend = 'auto', threads, precision, shaders }: SessionOptions,
  turn: () => Promise<void>,
): Promise<Session> {
  const options: OpenOptions & { backend: typeof backend } = { backend, threads, precision, shaders };
  if (!['auto', 'webgpu', 'wasm'].includes(backend))
    throw new InputError(`backend "${backend}": expected auto, webgpu or wasm`);
  const { engine, passedOver } = await open(host, options);
  return new HostSession(host, options, engine, passedOver, turn);
}

class HostSession implements Session {
  readonly engine: EngineInfo;
  private closed = false;
  private training = false;
  private readonly predictors = new Set<EnginePredictor>();

  constructor(
    private readonly host: Host,
    private readonly options: OpenOptions & Pick<TrainJob, 'backend'>,
    /** Single kernels and predictions run on it; trainings have one of their own, which may fail. */
    private readonly shared: Engine,
    readonly passedOver: readonly PassedOver[],
    private readonly turn: () => Promise<void>,
  ) {
    this.engine = shared.info;
  }

  train(dataset: Dataset, options: TrainOptions = {}): Promise<TrainedModel> {
    // An async function would hold the data set, which its owner may have given up, for as long as it waits.
    try {
      this.checkOpen();
      if (this.training)
        throw new InputError('a training is under way in this session: wait until it has ended');
      options.signal?.throwIfAborted();
      const job = { ...this.options, ...jobOf(dataset, options) };
      return this.finished(runTrainJob(job, dataset, this.host, this.controlOf(options)), options.signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  private controlOf({ signal, onProgress, onEpoch }: TrainOptions): TrainControl {
    return {
      signal,
      gate: this.turn,
      onEvent(event) {
        if (event.kind === 'progress') onProgress?.(event.progress);
        if (event.kind === 'epoch') onEpoch?.(event.report);
      },
    };
  }

  private async finished(training: Promise<TrainOutcome>, signal?: AbortSignal): Promise<TrainedModel> {
    this.training = true;
    try {
      const outcome = await training;
      signal?.throwIfAborted();
      return modelOf(outcome);
    } finally {
      this.training = false;
    }
  }

  async evaluate(model: Model, dataset: Dataset): Promise<Evaluation> {
    this.checkOpen();
    checkFit(model.network, dataset);
    const { logits } = await infer(this.options, model, dataset.test, this.host);
    return evaluate(logits, dataset.test, dataset.classes);
  }

  async predictor(model: Model): Promise<Predictor> {
    this.checkOpen();
    const predictor = new EnginePredictor(this.shared, model, () => this.predictors.delete(predictor));
    this.predictors.add(predictor);
    return predictor;
  }

  runKernel(
    kernel: KernelName,
    operands: { readonly [operand: string]: TypedArray },
    constants: KernelConstants,
  ): Promise<{ readonly [operand: string]: TypedArray }> {
    this.checkOpen();
    return runKernel(this.shared, kernel, operands, constants);
  }

  async validate(kernels: readonly KernelName[] = KERNEL_NAMES): Promise<KernelResult[]> {
    this.checkOpen();
    for (const kernel of kernels) checkKernelName(kernel);
    const growth = this.options.precision === 'mixed' ? mixed : worst;
    const results: KernelResult[] = [];
    for (const kernel of kernels)
      for (const kernelCase of casesOf(kernel)) {
        await this.turn();
        results.push(await checkKernel(this.shared, this.engine.backend, kernelCase, growth));
      }
    return results;
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const predictor of this.predictors) await predictor.close();
    this.shared.dispose();
  }

  private checkOpen(): void {
    if (this.closed) throw new InputError('the session is closed');
  }
}

type Training = Pick<TrainJob, 'network' | 'recipe' | 'seed' | 'trainLimit' | 'holdOut' | 'parameters'>;

function jobOf(dataset: Dataset, options: TrainOptions): Training {
  const { recipe: named = DEFAULT_RECIPE, seed = 1, trainLimit, holdOut, parameters } = options;
  const { recipe, network: preset } = presetOf(named);
  const network = options.network ?? fitNetwork(preset, dataset);
  return { network, recipe, seed: checkSeed(seed), trainLimit, holdOut, parameters };
}

/** One's own recipe goes with the network of the usual one. */
function presetOf(named: string | Recipe): Preset {
  if (typeof named === 'string') return findRecipe(named);
  return { recipe: checkRecipe(named), network: findRecipe(DEFAULT_RECIPE).network };
}
