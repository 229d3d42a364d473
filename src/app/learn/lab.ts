// The tutorial's laboratory: a small network on the WASM engine without fusions, so that everything that
// passes from one kernel to the next can be read.
import type { Dataset } from '../../data/dataset.ts';
import type { Engine, Executor } from '../../engine/engine.ts';
import type { Host } from '../../engine/host.ts';
import { open } from '../../engine/open.ts';
import { type Evaluation, evaluate } from '../../evaluation/evaluation.ts';
import { answerMessages } from '../../hosts/browser/answer_messages.ts';
import type { TrainEvent } from '../../jobs/job.ts';
import { runTrainJob } from '../../jobs/train.ts';
import { initialParameters } from '../../network/initialisation.ts';
import { buffersOf } from '../../network/plan.ts';
import { shuffledOrder } from '../../network/random.ts';
import type { Step } from '../../network/step.ts';
import { findRecipe } from '../../training/recipes.ts';
import type { TrainReport } from '../../training/report.ts';
import { stepsPerEpoch, trainingSteps } from '../../training/schedule.ts';
import { writeDataset, writeParameters } from '../../training/transfer.ts';
import type { Digit } from '../parts/digit_image.ts';
import { BATCH, type LabData, type LabSettings, labPlan, SEED } from './lab_plan.ts';

/** The plan's buffers that are shown: of a batch `[rows, …]`, parameters and their gradients. */
const TENSORS = [
  'activation0',
  'activation1',
  'activation2',
  'dactivation1',
  'dactivation2',
  'kernel0',
  'bias0',
  'kernel1',
  'bias1',
  'dkernel0',
] as const;

/** All that one training step computes of a batch, before anything is updated. */
export interface Pass {
  readonly settings: LabSettings;
  /** Optimizer steps that were taken before. */
  readonly steps: number;
  /** The places of the batch's images among the training images. */
  readonly indices: readonly number[];
  readonly digits: readonly Digit[];
  /** Labels as gather_batch wrote them. */
  readonly targets: readonly number[];
  /** By their names in the plan, in its logical layout, with the batch's rows only. */
  readonly tensors: { readonly [T in (typeof TENSORS)[number]]: Float32Array };
  /** Mean over the batch. */
  readonly loss: number;
  readonly correct: number;
}

/** The slope of the loss at one weight, measured from outside. */
export interface Difference {
  /** Index in kernel0. */
  readonly weight: number;
  /** The weight moved up and down by this much. */
  readonly h: number;
  readonly lossAbove: number;
  readonly lossBelow: number;
  /** (lossAbove − lossBelow) / 2h */
  readonly slope: number;
  /**
   * Images for which the unit is active on one side only: the loss bends there, and the slope is of both
   * sides.
   */
  readonly bends: number;
}

/** What the recipe `quick` makes of its network. */
export interface Trained {
  readonly report: TrainReport;
  readonly evaluation: Evaluation;
  /** The images of the mistakes, in their order. */
  readonly mistakes: readonly Digit[];
}

/** A network with its weights. */
interface Prepared {
  readonly settings: LabSettings;
  readonly executor: Executor;
  /** Optimizer steps taken. */
  steps: number;
}

/**
 * Small enough that few units start or stop within it, large enough that float32 still sees the loss move.
 */
const NUDGE = 2 ** -10;

export class Lab {
  private readonly host: Host;
  private dataset: Dataset;
  private readonly engine: Engine;
  private prepared: Prepared | undefined;

  private constructor(host: Host, dataset: Dataset, engine: Engine) {
    this.host = host;
    this.dataset = dataset;
    this.engine = engine;
  }

  /** @throws InputError if WASM with SIMD cannot run here */
  static async open(host: Host, dataset: Dataset): Promise<Lab> {
    // Without zero skipping, or the batch would be gathered as lists.
    const options = { backend: 'wasm', threads: 1, fusions: false, zeroSkipping: false } as const;
    return new Lab(host, dataset, (await open(host, options)).engine);
  }

  data(): LabData {
    const { width, height, classes, train, test } = this.dataset;
    return { inputs: width * height, classes, train: train.count, test: test.count };
  }

  /**
   * Forward and backward for one batch; nothing changes.
   * @param batch from 0, in the order of the first epoch
   */
  async pass(settings: LabSettings, batch: number): Promise<Pass> {
    const { executor, steps } = await this.prepare(settings);
    const step = this.step(executor, batch, steps, 0);
    const [lossSum, correct] = await this.undone(executor, 'state', () => executor.run('train', [step]));
    const { buffers } = executor.plan;
    const tensors: Record<string, Float32Array> = {};
    for (const name of TENSORS) {
      const values = (await executor.read(name)) as Float32Array;
      const perRow = name.includes('activation') ? step.rows * buffers[name].shape[1] : values.length;
      tensors[name] = values.slice(0, perRow);
    }
    const order = await executor.read('trainOrder');
    const indices = [...order.subarray(step.first, step.first + step.rows)];
    return {
      settings,
      steps,
      indices,
      digits: this.digits('train', indices),
      targets: [...(await executor.read('targets')).subarray(0, step.rows)],
      tensors: tensors as Pass['tensors'],
      loss: lossSum / step.rows,
      correct,
    };
  }

  /**
   * Moves one weight of the first layer and looks at the loss of a batch; nothing changes.
   * @param weight index in kernel0 [inputs, units]
   */
  async difference(settings: LabSettings, batch: number, weight: number): Promise<Difference> {
    const { executor, steps } = await this.prepare(settings);
    const step = this.step(executor, batch, steps, 0);
    return this.undone(executor, 'all', async () => {
      const { hidden } = settings;
      const kernel = (await executor.read('kernel0')) as Float32Array;
      const middle = kernel[weight];
      const lossAt = async (value: number) => {
        kernel[weight] = value;
        await executor.write('kernel0', kernel);
        await executor.run('train', [step]);
        const activations = await executor.read('activation1');
        const unit = Array.from({ length: step.rows }, (_, r) => activations[r * hidden + (weight % hidden)]);
        return { value, loss: await this.loss(executor, step), unit };
      };
      const above = await lossAt(Math.fround(middle + NUDGE));
      const below = await lossAt(Math.fround(middle - NUDGE));
      return {
        weight,
        h: NUDGE,
        lossAbove: above.loss,
        lossBelow: below.loss,
        slope: (above.loss - below.loss) / (above.value - below.value),
        bends: above.unit.filter((value, r) => value > 0 !== below.unit[r] > 0).length,
      };
    });
  }

  /** Takes `count` optimizer steps, each on the next batch, beginning with `batch`. */
  async update(settings: LabSettings, batch: number, learningRate: number, count: number): Promise<void> {
    const prepared = await this.prepare(settings);
    const batches = stepsPerEpoch(prepared.executor.plan.recipe, this.dataset.train.count);
    const steps = Array.from({ length: count }, (_, slot) => ({
      ...this.step(prepared.executor, (batch + slot) % batches, prepared.steps + slot, learningRate),
      slot,
    }));
    await prepared.executor.run('train', steps);
    prepared.steps += count;
  }

  /**
   * Trains on one batch again and again, from the present weights at each of the rates; nothing changes.
   * @returns for each rate the loss before each of `count` steps and after the last; not finite where it
   * diverged
   */
  async tryRates(
    settings: LabSettings,
    batch: number,
    rates: readonly number[],
    count: number,
  ): Promise<number[][]> {
    const { executor, steps: taken } = await this.prepare(settings);
    const courses: number[][] = [];
    for (const rate of rates) {
      const steps = Array.from({ length: count + 1 }, (_, slot) => ({
        ...this.step(executor, batch, taken + slot, rate),
        slot,
      }));
      const metrics = await this.undone(executor, 'all', () => executor.run('train', steps));
      courses.push(steps.map(({ slot, rows }) => metrics[2 * slot] / rows));
    }
    return courses;
  }

  /** Back to the initial weights. */
  reset(): void {
    this.prepared?.executor.dispose();
    this.prepared = undefined;
  }

  /** The recipe `quick` with its own network, on the engine as it is used elsewhere. */
  async train(onEvent: (event: TrainEvent) => void): Promise<Trained> {
    const { network, recipe } = findRecipe('quick');
    const job = { backend: 'wasm', threads: 1, network, recipe, seed: SEED } as const;
    const onHeld = (held: Dataset) => {
      this.dataset = held;
    };
    const control = { onEvent, onHeld, gate: answerMessages };
    const { report, evaluation } = await runTrainJob(job, this.dataset, this.host, control);
    const indices = evaluation.mistakes.map(({ index }) => index);
    return { report, evaluation, mistakes: this.digits('test', indices) };
  }

  /** Copies of images. */
  digits(part: 'train' | 'test', indices: readonly number[]): Digit[] {
    const { width, height, ...parts } = this.dataset;
    const size = width * height;
    return indices.map((index) => ({
      pixels: parts[part].images.slice(index * size, (index + 1) * size),
      width,
      height,
    }));
  }

  /** The network chosen, with the weights as they are; another one begins anew. */
  private async prepare(settings: LabSettings): Promise<Prepared> {
    const { hidden, optimizer } = settings;
    const known = this.prepared;
    if (known?.settings.hidden === hidden && known.settings.optimizer === optimizer) return known;
    this.reset();
    const plan = labPlan(settings, this.data());
    const executor = await this.engine.prepare(plan);
    await writeDataset(executor, this.dataset);
    await executor.write('trainOrder', shuffledOrder(plan.seed, 0, this.dataset.train.count));
    await writeParameters(executor, initialParameters(plan.network, plan.recipe.initialisation, plan.seed));
    this.prepared = { settings: { hidden, optimizer }, executor, steps: 0 };
    return this.prepared;
  }

  /** @param number optimizer steps taken before it */
  private step({ plan }: Executor, batch: number, number: number, learningRate: number): Step {
    const samples = this.dataset.train.count;
    const [step] = trainingSteps(plan.recipe, samples, 0, number, 1);
    const first = batch * BATCH;
    return { ...step, first, rows: Math.min(BATCH, samples - first), learningRate };
  }

  /** Puts the optimizer's state, or that and the parameters, back to what they were. */
  private async undone<T>(executor: Executor, what: 'state' | 'all', run: () => Promise<T>): Promise<T> {
    const roles = what === 'all' ? (['state', 'parameter'] as const) : (['state'] as const);
    const kept = new Map<string, Float32Array>();
    for (const name of buffersOf(executor.plan, ...roles))
      kept.set(name, (await executor.read(name)) as Float32Array);
    try {
      return await run();
    } finally {
      for (const [name, values] of kept) await executor.write(name, values);
    }
  }

  /**
   * The loss of the logits that the kernels computed, summed in float64: the sum in float32 would drown a
   * small difference.
   */
  private async loss(executor: Executor, { rows }: Step): Promise<number> {
    const { classes } = this.dataset;
    const logits = (await executor.read('activation2')) as Float32Array;
    const labels = Uint8Array.from((await executor.read('targets')).subarray(0, rows));
    return evaluate(logits, { count: rows, images: new Uint8Array(0), labels }, classes).loss;
  }
}
