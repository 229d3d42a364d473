// The page's end of the worker that reads digits: it answers for the image that was shown last with the model
// that was chosen last.
import type { GreyImage } from '../../data/digit.ts';
import { messageOf } from '../../errors.ts';
import type { NamedFile } from '../../formats/read_model.ts';
import { WorkerClient, WorkerEnded } from '../../hosts/browser/worker_client.ts';
import type { ModelFacts, Prediction, PredictWorker } from './predict_worker.ts';

export interface ModelSource {
  readonly title: string;
  /** @returns the files of a model */
  read(): Promise<readonly NamedFile[]>;
}

export class Predictor {
  /** Facts about the model that answers. */
  facts: ModelFacts | undefined;
  /** The answer for the image that was shown last, or for one shortly before; none without an image. */
  prediction: Prediction | undefined;
  /** Why there is no answer. */
  problem: string | undefined;
  /** The chosen model that could not be loaded. */
  failed: ModelSource | undefined;
  private source: ModelSource | undefined;
  private loaded: ModelSource | undefined;
  private image: GreyImage | undefined;
  private predicted: GreyImage | undefined;
  private client: WorkerClient<PredictWorker> | undefined;
  private working = false;
  /** The model could not be loaded because the worker ended: the next image has another one try. */
  private interrupted = false;

  /** @param onChange called when something of it has changed */
  constructor(private readonly onChange: () => void) {}

  choose(source: ModelSource): void {
    this.source = source;
    this.retry();
  }

  /** Tries again to load a model that could not be loaded. */
  retry(): void {
    this.interrupted = false;
    this.failed = undefined;
    this.problem = undefined;
    void this.work();
  }

  /** @param image undefined for none */
  show(image: GreyImage | undefined): void {
    this.image = image;
    if (!image) this.prediction = undefined;
    if (this.interrupted) this.retry();
    if (!this.failed) this.problem = undefined;
    void this.work();
  }

  /** @returns the weights of a unit of the first layer; undefined if there is none to ask */
  async weightsOf(unit: number): Promise<Float32Array | undefined> {
    if (!this.loaded || !this.client) return undefined;
    return this.client.call((remote) => remote.weights(unit)).catch(() => undefined);
  }

  /** One call at a time; images that have been replaced meanwhile are passed over. */
  private async work(): Promise<void> {
    if (this.working) return;
    this.working = true;
    while (this.source && !this.failed) {
      if (this.loaded !== this.source) await this.load(this.source);
      else if (this.image && this.image !== this.predicted) await this.predict(this.image);
      else break;
      this.onChange();
    }
    this.working = false;
  }

  private async load(source: ModelSource): Promise<void> {
    try {
      const files = await source.read();
      this.facts = await this.started().call((remote) => remote.load(files));
      this.loaded = source;
      this.predicted = undefined;
    } catch (error) {
      if (this.source !== source) return;
      this.failed = source;
      this.interrupted = error instanceof WorkerEnded;
      this.prediction = undefined;
      this.problem = `${source.title} could not be loaded: ${messageOf(error)}.`;
    }
  }

  private async predict(image: GreyImage): Promise<void> {
    this.predicted = image;
    try {
      const prediction = await this.started().call((remote) => remote.predict(image));
      if (this.image) this.prediction = prediction;
    } catch (error) {
      // Should it be the image that ends workers, it has its only chance had.
      if (error instanceof WorkerEnded) this.image = undefined;
      else if (image === this.image) {
        this.prediction = undefined;
        this.problem = `Nothing to read: ${messageOf(error)}.`;
      }
    }
  }

  /** A new worker is started when there is work for it. */
  private started(): WorkerClient<PredictWorker> {
    if (this.client) return this.client;
    const client = new WorkerClient<PredictWorker>(
      'predict',
      (name) => new Worker(new URL('./predict_worker.ts', import.meta.url), { type: 'module', name }),
    );
    this.client = client;
    client.ended.catch(({ message }: WorkerEnded) => {
      this.client = undefined;
      this.loaded = undefined;
      this.problem = `The worker that reads digits stopped: ${message}. Draw on: a new one takes its place.`;
      this.onChange();
    });
    return client;
  }
}
