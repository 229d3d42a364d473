// Reads images with one model on one engine.
import type { Engine, Executor } from '../engine/engine.ts';
import { InputError } from '../errors.ts';
import { argmax, softmax } from '../evaluation/evaluation.ts';
import { inferenceParameters, inferencePlan } from '../formats/inference.ts';
import type { Model } from '../formats/model.ts';
import { EVALUATION_BATCH } from '../network/evaluation_batch.ts';
import { formatNetwork } from '../network/spec.ts';
import { evaluationRuns } from '../training/schedule.ts';
import { writeDataset, writeParameters } from '../training/transfer.ts';
import type { Prediction, Predictor } from './session.ts';

export interface Observation extends Prediction {
  /** What the units of each hidden layer put out: float32 [units]. */
  readonly hidden: readonly Float32Array[];
}

export class EnginePredictor implements Predictor {
  private readonly executors = new Map<number, Promise<Executor>>();
  /** Calls in their order: an executor holds the images of one at a time. */
  private last: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly engine: Engine,
    private readonly model: Model,
    private readonly onClose: () => void = () => {},
  ) {}

  predict(pixels: Uint8Array): Promise<Prediction>;
  predict(images: readonly Uint8Array[]): Promise<Prediction[]>;
  async predict(given: Uint8Array | readonly Uint8Array[]): Promise<Prediction | Prediction[]> {
    const images = given instanceof Uint8Array ? [given] : given;
    const answers = await this.inTurn(images, () => this.read(images));
    return given instanceof Uint8Array ? answers[0] : answers;
  }

  /** As predict(), and what went on in between. */
  observe(pixels: Uint8Array): Promise<Observation> {
    return this.inTurn([pixels], async () => {
      const [answer] = await this.read([pixels]);
      const executor = await this.executorFor(1);
      const layers = this.model.network.widths.slice(1, -1).map((_, index) => `activation${index + 1}`);
      const hidden = await Promise.all(layers.map((layer) => executor.read(layer)));
      return { ...answer, hidden: hidden as Float32Array[] };
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.last;
    for (const executor of this.executors.values()) (await executor).dispose();
    this.executors.clear();
    this.onClose();
  }

  /** Settles once a single image can be read without delay. */
  async prepare(): Promise<void> {
    await this.executorFor(1);
  }

  private async inTurn<T>(images: readonly Uint8Array[], read: () => Promise<T>): Promise<T> {
    if (this.closed) throw new InputError('the predictor is closed');
    const [pixels] = this.model.network.widths;
    for (const image of images)
      if (!(image instanceof Uint8Array) || image.length !== pixels)
        throw new InputError(
          `an image of ${image?.length} pixels: expected a Uint8Array of ${pixels}, as the network ${formatNetwork(this.model.network)} reads`,
        );
    const answers = this.last.then(read);
    this.last = answers.catch(() => {});
    return answers;
  }

  private async read(images: readonly Uint8Array[]): Promise<Prediction[]> {
    const { widths } = this.model.network;
    const classes = widths.at(-1)!;
    // One step's rows.
    const capacity = images.length === 1 ? 1 : EVALUATION_BATCH;
    const executor = await this.executorFor(capacity);
    const answers: Prediction[] = [];
    for (let first = 0; first < images.length; first += capacity) {
      const batch = images.slice(first, first + capacity);
      const pixels = new Uint8Array(batch.length * widths[0]);
      for (const [row, image] of batch.entries()) pixels.set(image, row * widths[0]);
      await executor.write('testImages', pixels);
      await executor.run('evaluate', evaluationRuns(batch.length, capacity)[0]);
      const logits = (await executor.read(`activation${widths.length - 1}`)) as Float32Array;
      for (const row of batch.keys())
        answers.push(answerOf(logits.subarray(row * classes, (row + 1) * classes)));
    }
    return answers;
  }

  private executorFor(capacity: number): Promise<Executor> {
    const known = this.executors.get(capacity) ?? this.open(capacity);
    this.executors.set(capacity, known);
    return known;
  }

  private async open(capacity: number): Promise<Executor> {
    const { network } = this.model;
    const executor = await this.engine.prepare(inferencePlan(this.model, capacity));
    const images = new Uint8Array(capacity * network.widths[0]);
    const blank = { count: capacity, images, labels: new Uint8Array(capacity) };
    await writeDataset(executor, { train: blank, test: blank });
    await writeParameters(executor, inferenceParameters(this.model));
    return executor;
  }
}

function answerOf(logits: Float32Array): Prediction {
  return { label: argmax(logits), probabilities: softmax(logits) };
}
