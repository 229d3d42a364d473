// The page's worker: holds the data set and trains, so that the page never waits for a kernel.
import * as Comlink from 'comlink';
import type { Dataset } from '../data/dataset.ts';
import { loadFiles, loadMnistBrowser } from '../data/mnist_browser.ts';
import { type Availability, probe } from '../engine/open.ts';
import type { Evaluation } from '../evaluation/evaluation.ts';
import { renderReport } from '../evaluation/report_html.ts';
import { encodeModel } from '../formats/model.ts';
import type { TrainEvent, TrainJob } from '../jobs/job.ts';
import { runTrainJob } from '../jobs/train.ts';
import { parseNetwork } from '../network/spec.ts';
import type { TrainReport } from '../training/report.ts';
import { answerMessages } from './answer_messages.ts';
import type { DatasetShape } from './form.ts';
import { browserHost } from './host_browser.ts';
import type { Threads } from './threads.ts';
import type { Digit } from './views/digit_image.ts';

/** What a training leaves on the page. It outlives the worker. */
export interface TrainedRun {
  readonly report: TrainReport;
  readonly evaluation: Evaluation;
  /** The images of `evaluation.mistakes`, in that order. */
  readonly mistakeImages: readonly Digit[];
  /** A safetensors file. */
  readonly model: Uint8Array;
  /** A self-contained page. */
  readonly html: string;
}

const PREVIEW_IMAGES = 12;

const host = browserHost(Comlink.wrap<Threads>(self));
let dataset: Dataset | undefined;
let stopping: AbortController | undefined;
let paused: { readonly promise: Promise<void>; readonly open: () => void } | undefined;

const api = {
  /**
   * Settles once this worker holds the lock of its own name. The lock is released when the worker ends, however
   * it ends, which is how the page learns of it.
   */
  ready: (): Promise<void> =>
    new Promise((resolve) => {
      if (!navigator.locks) resolve();
      else void navigator.locks.request(self.name, () => new Promise(() => resolve()));
    }),

  probe: (): Promise<Availability[]> => probe(host),

  /** Four IDX files, or with none MNIST. The data set before stays if these cannot be read. */
  async load(base: string, files?: File[]): Promise<{ shape: DatasetShape; preview: Digit[] }> {
    dataset = files ? await loadFiles(files) : await loadMnistBrowser(base);
    const loaded = dataset;
    const length = Math.min(PREVIEW_IMAGES, loaded.train.count);
    return {
      shape: shapeOf(loaded),
      preview: Array.from({ length }, (_, index) => digit(loaded, 'train', index)),
    };
  },

  async train(job: TrainJob, onEvent: (event: TrainEvent) => void): Promise<TrainedRun> {
    if (!dataset) throw new Error('no data set is loaded');
    stopping = new AbortController();
    // A pause may have come too late for the training before.
    api.resume();
    const trained = dataset;
    const { report, evaluation, parameters } = await runTrainJob(job, trained, host, {
      onEvent,
      signal: stopping.signal,
      gate: () => paused?.promise ?? answerMessages(),
    });
    const mistakeImages = evaluation.mistakes.map(({ index }) => digit(trained, 'test', index));
    const network = parseNetwork(report.network);
    const { recipe, seed } = report;
    const { accuracy } = evaluation;
    const model = encodeModel({ network, recipe, seed, accuracy, dataset: shapeOf(trained), parameters });
    const html = renderReport({
      title: `${report.network} on ${trained.name}`,
      dataset: trained,
      model: { network, recipe, seed },
      evaluation,
      report,
    });
    return Comlink.transfer({ report, evaluation, mistakeImages, model, html }, [
      model.buffer as ArrayBuffer,
    ]);
  },

  pause(): void {
    if (paused) return;
    let open = () => {};
    const promise = new Promise<void>((resolve) => {
      open = resolve;
    });
    paused = { promise, open };
  },

  resume(): void {
    paused?.open();
    paused = undefined;
  },

  /** Ends the training after its present run of steps; a paused one goes on to its end. */
  stop(): void {
    stopping?.abort();
    api.resume();
  },
};

export type EngineWorker = typeof api;

function shapeOf({ name, width, height, classes, train, test }: Dataset): DatasetShape {
  return { name, width, height, classes, train: train.count, test: test.count };
}

/** A copy of one image. */
function digit({ width, height, ...parts }: Dataset, part: 'train' | 'test', index: number): Digit {
  const size = width * height;
  return { pixels: parts[part].images.slice(index * size, (index + 1) * size), width, height };
}

Comlink.expose(api);
