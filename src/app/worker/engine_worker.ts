// The page's worker: holds the data set and trains, so that the page never waits for a kernel.
import * as Comlink from 'comlink';
import type { Dataset } from '../../data/dataset.ts';
import { loadFiles, loadMnistBrowser } from '../../data/mnist_browser.ts';
import { type Availability, probe } from '../../engine/open.ts';
import { type Evaluation, evaluate } from '../../evaluation/evaluation.ts';
import { renderReport } from '../../evaluation/report_html.ts';
import { decodeModel, encodeModel, type Model } from '../../formats/model.ts';
import { infer } from '../../jobs/evaluate.ts';
import type { TrainEvent, TrainJob } from '../../jobs/job.ts';
import { runTrainJob } from '../../jobs/train.ts';
import { checkFit, parseNetwork } from '../../network/spec.ts';
import type { TrainReport } from '../../training/report.ts';
import type { Digit } from '../parts/digit_image.ts';
import type { DatasetShape } from '../train/form.ts';
import { answerMessages } from './answer_messages.ts';
import { browserHost } from './host_browser.ts';
import { holdLock } from './lifeline.ts';
import type { Threads } from './threads.ts';

/** What a training leaves on the page. It outlives the worker. */
export interface TrainedRun {
  readonly report: TrainReport;
  /** A safetensors file. */
  readonly model: Uint8Array;
}

/** A model's answers to the test images of the data set that is loaded. */
export interface Examination {
  readonly evaluation: Evaluation;
  /** float32 [images, classes] */
  readonly logits: Float32Array;
  /** Of the test images. */
  readonly labels: Uint8Array;
}

const PREVIEW_IMAGES = 12;

const host = browserHost(Comlink.wrap<Threads>(self));
let dataset: Dataset | undefined;
let stopping: AbortController | undefined;
let paused: { readonly promise: Promise<void>; readonly open: () => void } | undefined;

const api = {
  ready: holdLock,

  probe: (): Promise<Availability[]> => probe(host),

  /** Four IDX files, or with none MNIST. The data set before stays if these cannot be read. */
  async load(base: string, files?: File[]): Promise<{ shape: DatasetShape; preview: Digit[] }> {
    dataset = files ? await loadFiles(files) : await loadMnistBrowser(base);
    const data = dataset;
    const length = Math.min(PREVIEW_IMAGES, data.train.count);
    return {
      shape: shapeOf(data),
      preview: Array.from({ length }, (_, index) => digit(data, 'train', index)),
    };
  },

  async train(job: TrainJob, onEvent: (event: TrainEvent) => void): Promise<TrainedRun> {
    const trained = loaded();
    stopping = new AbortController();
    // A pause may have come too late for the training before.
    api.resume();
    const { report, evaluation, parameters } = await runTrainJob(job, trained, host, {
      onEvent,
      signal: stopping.signal,
      gate: () => paused?.promise ?? answerMessages(),
    });
    const network = parseNetwork(report.network);
    const { recipe, seed } = report;
    const { accuracy } = evaluation;
    const model = encodeModel({ network, recipe, seed, accuracy, dataset: shapeOf(trained), parameters });
    return Comlink.transfer({ report, model }, [model.buffer as ArrayBuffer]);
  },

  /**
   * On one thread of the WASM engine, so that a training may go on meanwhile.
   * @param bytes a safetensors file
   * @throws InputError if it is no model of this data set
   */
  async examine(bytes: Uint8Array): Promise<Examination> {
    const { test } = loaded();
    const { evaluation, logits } = await examined(decodeModel(bytes, 'the model'));
    return { evaluation, logits, labels: test.labels.slice() };
  },

  /** Copies of images. */
  images: async (part: 'train' | 'test', indices: readonly number[]): Promise<Digit[]> =>
    indices.map((index) => digit(loaded(), part, index)),

  /** @returns a self-contained page */
  async report(bytes: Uint8Array, report: TrainReport): Promise<string> {
    const model = decodeModel(bytes, 'the model');
    const { evaluation } = await examined(model);
    const title = `${report.network} on ${loaded().name}`;
    return renderReport({ title, dataset: loaded(), model, evaluation, report });
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

async function examined(model: Model): Promise<{ evaluation: Evaluation; logits: Float32Array }> {
  const data = loaded();
  checkFit(model.network, data);
  const { logits } = await infer({ backend: 'wasm', threads: 1 }, model, data.test, host);
  return { logits, evaluation: evaluate(logits, data.test, data.classes) };
}

function loaded(): Dataset {
  if (!dataset) throw new Error('no data set is loaded');
  return dataset;
}

function shapeOf({ name, width, height, classes, train, test }: Dataset): DatasetShape {
  return { name, width, height, classes, train: train.count, test: test.count };
}

/** A copy of one image. */
function digit({ width, height, ...parts }: Dataset, part: 'train' | 'test', index: number): Digit {
  const size = width * height;
  return { pixels: parts[part].images.slice(index * size, (index + 1) * size), width, height };
}

Comlink.expose(api);
