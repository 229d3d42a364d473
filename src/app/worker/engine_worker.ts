// The page's worker: holds the data set and trains, so that the page never waits for a kernel. What not every
// visit needs loads when it is asked for.
import * as Comlink from 'comlink';
import { type Dataset, select, slice } from '../../data/dataset.ts';
import { loadFiles, loadMnistBrowser } from '../../data/mnist_browser.ts';
import type { EngineInfo } from '../../engine/engine.ts';
import { type Availability, probe } from '../../engine/open.ts';
import { InputError } from '../../errors.ts';
import { type Evaluation, evaluate } from '../../evaluation/evaluation.ts';
import { decodeModel, encodeModel, type Model } from '../../formats/model.ts';
import { browserHost } from '../../hosts/browser/host.ts';
import { holdLock } from '../../hosts/browser/lifeline.ts';
import type { Threads } from '../../hosts/browser/threads.ts';
import { infer } from '../../jobs/evaluate.ts';
import type {
  CompareEvent,
  CompareJob,
  CompareReport,
  JobControl,
  TrainControl,
  TrainEvent,
  TrainJob,
  TrainOutcome,
} from '../../jobs/job.ts';
import { modelOf, runTrainJob } from '../../jobs/train.ts';
import type { Distortion } from '../../network/distortion.ts';
import { checkFit, formatNetwork, parseNetwork } from '../../network/spec.ts';
import type { Checkpoint, TrainingRecord, TrainReport } from '../../training/report.ts';
import type { DatasetShape } from '../model/form.ts';
import type { Peek } from '../model/peek.ts';
import type { Digit, LabelledDigit } from '../parts/digit_image.ts';
import type { KeptValues } from '../storage/shelf.ts';
import { Keeper } from '../storage/unfinished.ts';
import { digit, labelledDigit } from './digits.ts';
import { buffersOfPeek } from './look.ts';
import { Pause } from './pause.ts';
import { specimensOf } from './specimens.ts';
import { Watch } from './watch.ts';

/** What a training leaves on the page. It outlives the worker. */
export interface TrainedRun {
  readonly report: TrainReport;
  /** A safetensors file. */
  readonly model: Uint8Array;
}

/** How a training begins. */
export interface Beginning {
  /** The id of the run that it will be. */
  readonly id: string;
  /** What the form said, to be kept with it. */
  readonly values: KeptValues;
  readonly resume?: Checkpoint;
  /** After its first step. */
  readonly paused?: boolean;
}

/** What the page shows of a data set. */
export interface LoadedData {
  readonly shape: DatasetShape;
  /** The first training images. */
  readonly preview: readonly Digit[];
  readonly specimens: readonly LabelledDigit[];
}

/** A model's answers to the images of the data set that is loaded by which it is judged. */
export interface Examination {
  readonly evaluation: Evaluation;
  /** float32 [images, classes] */
  readonly logits: Float32Array;
  /** Labels of these images. */
  readonly labels: Uint8Array;
}

/** Snapshots are kept no more often. */
const SNAPSHOT_SECONDS = 2;

const PREVIEW_IMAGES = 12;

const host = browserHost(Comlink.wrap<Threads>(self));
/** A place for the data set that is loaded: it stays the same while the images lie elsewhere. */
let source: { dataset: Dataset } | undefined;
let underWay: Work | undefined;
/** What looks into the training that is under way. */
let watch: Watch | undefined;
/** Milliseconds between two looks at least; 0 for none. */
let every = 0;
let stopping: AbortController | undefined;
const pause = new Pause();

const api = {
  ready: holdLock,

  probe: (): Promise<Availability[]> => probe(host),

  /** Four IDX files, or with none MNIST. The data set before stays if these cannot be read. */
  async load(base: string, files?: File[]): Promise<LoadedData> {
    const data = files ? await loadFiles(files) : await loadMnistBrowser(`${base}data/`);
    source = { dataset: data };
    const length = Math.min(PREVIEW_IMAGES, data.train.count);
    return {
      shape: shapeOf(data),
      specimens: specimens(),
      preview: Array.from({ length }, (_, index) => digit(data, 'train', index)),
    };
  },

  /**
   * @param begin a training that is gone on with, or its values alone
   * @throws InputError while another training or a comparison is under way
   */
  async train(
    job: TrainJob,
    begin: Beginning,
    onEvent: (event: TrainEvent) => void,
    onPeek: (peek: Peek) => void,
  ): Promise<TrainedRun> {
    const { id, values, resume } = begin;
    const shape = shapeOf(loaded().dataset);
    const images = specimens(job.holdOut).map(({ pixels }) => pixels);
    const show = (peek: Peek) => onPeek(Comlink.transfer(peek, buffersOfPeek(peek)));
    const watching = new Watch(images, () => pause.on, show);
    const outcome = await alone('training', async (control) => {
      watch = watching;
      watch.ask(every);
      if (begin.paused) {
        pause.begin();
        pause.step();
      }
      const keeper = new Keeper({ id, values, job, shape });
      try {
        const done = await trainLoaded(
          { ...job, resume, snapshotSeconds: SNAPSHOT_SECONDS },
          {
            onEvent: (event) => (event.kind === 'snapshot' ? keeper.offer(event.snapshot) : onEvent(event)),
            paused: () => pause.on,
            watch: watching.look,
            ...control,
          },
        );
        await keeper.end();
        return done;
      } catch (error) {
        // What went wrong may be mended: the page offers to go on.
        await keeper.rest();
        throw error;
      }
    });
    const { report } = outcome;
    watching.end({ network: parseNetwork(report.network), recipe: report.recipe }, outcome.parameters);
    const made = modelOf(outcome);
    // What a model's file has is its accuracy on the test set.
    const model = encodeModel(job.holdOut ? { ...made, accuracy: undefined } : made);
    return Comlink.transfer({ report, model }, [model.buffer as ArrayBuffer]);
  },

  /** @throws InputError while a training or another comparison is under way */
  async compare(job: CompareJob, onEvent: (event: CompareEvent) => void): Promise<CompareReport> {
    const data = loaded().dataset;
    const { runCompareJob } = await import('../../jobs/compare.ts');
    return alone('comparison', (control) => runCompareJob(job, data, host, { onEvent, ...control }));
  },

  /**
   * On one thread of the WASM engine, so that a training may go on meanwhile.
   * @param bytes a safetensors file
   * @param holdOut so many of the last training images take the place of the test images
   * @throws InputError if it is no model of this data set
   */
  async examine(bytes: Uint8Array, holdOut?: number): Promise<Examination> {
    const { evaluation, logits, data } = await examined(decodeModel(bytes, 'the model'), holdOut);
    return { evaluation, logits, labels: data.test.labels.slice() };
  },

  /** What is asked while a training goes on. @param holdOut as its job has it */
  specimens: async (holdOut?: number): Promise<LabelledDigit[]> => specimens(holdOut),

  /** How often the page looks into a training. @param milliseconds at least; 0 for never */
  watch(milliseconds: number): void {
    every = milliseconds;
    watch?.ask(every);
  },

  /** Copies of images, with their labels. */
  async images(part: 'train' | 'test', indices: readonly number[]): Promise<LabelledDigit[]> {
    const { dataset } = loaded();
    return indices.map((index) => labelledDigit(dataset, part, index));
  },

  /**
   * The first training images as a training would see them in its first step.
   * @throws InputError if the distortion is out of bounds
   */
  async distorted(distortion: Distortion, seed: number, count: number): Promise<Digit[]> {
    const data = loaded().dataset;
    const few = { ...data, train: slice(data.train, 0, Math.min(count, data.train.count)) };
    const { distortImages } = await import('../../jobs/distort.ts');
    const images = await distortImages(few, distortion, seed, host);
    const size = data.width * data.height;
    return Array.from({ length: few.train.count }, (_, n) => ({
      pixels: images.slice(n * size, (n + 1) * size),
      width: data.width,
      height: data.height,
    }));
  },

  /** @returns a self-contained page */
  async report(bytes: Uint8Array, report?: TrainReport | TrainingRecord, holdOut?: number): Promise<string> {
    const model = decodeModel(bytes, 'the model');
    const { evaluation, data } = await examined(model, holdOut);
    const title = `${formatNetwork(model.network)} on ${data.name}`;
    const { renderReport } = await import('../../evaluation/report_html.ts');
    const judgedBy = holdOut ? 'held-out' : 'test';
    return renderReport({ title, dataset: data, model, evaluation, report, judgedBy });
  },

  pause(): void {
    pause.begin();
    watch?.refresh();
  },

  resume: (): void => pause.end(),

  /** One step of a paused training, which stays paused. */
  step: (): void => pause.step(),

  /**
   * Multiply-adds that the engine's device can do at most.
   * @returns GFLOP/s, or undefined of tfjs, which has no kernels of ours
   */
  async peak({ backend, threads }: Pick<EngineInfo, 'backend' | 'threads'>): Promise<number | undefined> {
    if (backend === 'tfjs') return undefined;
    if (backend === 'webgpu') {
      const { measureDeviceRoofline } = await import('../../engine/webgpu/roofline.ts');
      return (await measureDeviceRoofline(host)).gflops;
    }
    const { measureRoofline, measureSharedRoofline } = await import('../../engine/wasm/roofline.ts');
    return threads > 1 ? measureSharedRoofline(host, threads) : measureRoofline();
  },

  /** Ends the training or comparison after its present run of steps; a paused one goes on to its end. */
  stop(): void {
    stopping?.abort();
    pause.end();
  },
};

export type EngineWorker = typeof api;

/** What uses the engines alone, so that one does not spoil the other's time. */
type Work = 'training' | 'comparison';

async function alone<T>(
  work: Work,
  run: (control: Pick<JobControl<never>, 'signal' | 'gate'>) => Promise<T>,
): Promise<T> {
  if (underWay) throw new InputError(`a ${underWay} is under way: stop it, or wait until it has ended`);
  underWay = work;
  stopping = new AbortController();
  // A pause may have come too late for the one before.
  api.resume();
  try {
    return await run({ signal: stopping.signal, gate: pause.gate });
  } finally {
    underWay = undefined;
    watch = undefined;
  }
}

/** The engine's copy of the images takes the place of the one that was loaded. */
function trainLoaded(job: TrainJob, control: TrainControl): Promise<TrainOutcome> {
  const place = loaded();
  const onHeld = (held: Dataset) => {
    place.dataset = held;
  };
  return runTrainJob(job, place.dataset, host, { ...control, onHeld });
}

async function examined(
  model: Model,
  holdOut: number | undefined,
): Promise<{ evaluation: Evaluation; logits: Float32Array; data: Dataset }> {
  const data = select(loaded().dataset, { holdOut });
  checkFit(model.network, data);
  const { logits } = await infer({ backend: 'wasm', threads: 1 }, model, data.test, host);
  return { logits, evaluation: evaluate(logits, data.test, data.classes), data };
}

function specimens(holdOut?: number): LabelledDigit[] {
  const data = select(loaded().dataset, { holdOut });
  return specimensOf(data.test, data.classes).map((index) => labelledDigit(data, 'test', index));
}

function loaded(): { dataset: Dataset } {
  if (!source) throw new Error('no data set is loaded');
  return source;
}

function shapeOf({ name, width, height, classes, classNames, train, test }: Dataset): DatasetShape {
  const named = classNames && { classNames };
  return { name, width, height, classes, ...named, train: train.count, test: test.count };
}

Comlink.expose(api);
