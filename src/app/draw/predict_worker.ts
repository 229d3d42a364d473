// The worker that reads digits: one model, prepared for one image a call on one thread of the WASM engine, so
// that no training and no page delays it.
import * as Comlink from 'comlink';
import { type GreyImage, toDigit } from '../../data/digit.ts';
import type { Engine, Executor } from '../../engine/engine.ts';
import { openWasm } from '../../engine/wasm/engine.ts';
import { argmax, softmax } from '../../evaluation/evaluation.ts';
import { activationOfModel, inferenceOf, type Model } from '../../formats/model.ts';
import { type NamedFile, readModel } from '../../formats/read_model.ts';
import type { Activation } from '../../network/activation.ts';
import { lower } from '../../network/lower.ts';
import { evaluationRuns } from '../../training/schedule.ts';
import { writeDataset, writeParameters } from '../../training/transfer.ts';
import type { Digit } from '../parts/digit_image.ts';
import { browserHost } from '../worker/host_browser.ts';
import { holdLock } from '../worker/lifeline.ts';

export interface ModelFacts extends Pick<Model, 'network' | 'accuracy' | 'dataset'> {
  readonly activation: Activation;
  /** Where another program trained it: which. */
  readonly source: string | undefined;
}

export interface Prediction {
  /** What the network was shown. */
  readonly digit: Digit;
  /** The probability of each class. */
  readonly probabilities: readonly number[];
  readonly predicted: number;
}

const ONE_IMAGE = evaluationRuns(1, 1)[0];

let engine: Promise<Engine> | undefined;
let loaded: { readonly model: Model; readonly executor: Executor } | undefined;

const api = {
  ready: holdLock,

  /**
   * Takes the place of the model before, unless it cannot be read.
   * @param files as readModel() takes them
   * @throws InputError saying what is wrong with them
   */
  async load(files: readonly NamedFile[]): Promise<ModelFacts> {
    const model = readModel(files);
    const executor = await prepare(model);
    loaded?.executor.dispose();
    loaded = { model, executor };
    const { network, accuracy, dataset } = model;
    const source = model.recipe ? undefined : model.source;
    return { network, accuracy, dataset, activation: activationOfModel(model), source };
  },

  /** @throws InputError if there is nothing to see in the image */
  async predict(image: GreyImage): Promise<Prediction> {
    if (!loaded) throw new Error('no model is loaded');
    const { model, executor } = loaded;
    const { width, height } = model.dataset;
    const pixels = toDigit(image, { width, height });
    await executor.write('testImages', pixels);
    await executor.run('evaluate', ONE_IMAGE);
    const logits = (await executor.read(`activation${model.network.widths.length - 1}`)) as Float32Array;
    return {
      digit: { pixels, width, height },
      probabilities: softmax(logits),
      predicted: argmax(logits),
    };
  },
};

export type PredictWorker = typeof api;

async function prepare(model: Model): Promise<Executor> {
  engine ??= openWasm(browserHost(), { threads: 1 }, []);
  const executor = await (await engine).prepare(
    lower({ ...inferenceOf(model), samples: { train: 0, test: 1 } }),
  );
  const blank = { count: 1, images: new Uint8Array(model.network.widths[0]), labels: new Uint8Array(1) };
  await writeDataset(executor, { train: blank, test: blank });
  await writeParameters(executor, model.parameters);
  return executor;
}

Comlink.expose(api);
