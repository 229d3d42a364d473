// The worker that reads digits: one model, prepared for one image a call on one thread of the WASM engine, so
// that no training and no page delays it.
import * as Comlink from 'comlink';
import { type GreyImage, toDigit } from '../../data/digit.ts';
import type { Engine } from '../../engine/engine.ts';
import { openWasm } from '../../engine/wasm/open.ts';
import { weightsInto } from '../../evaluation/first_layer.ts';
import { activationOfModel, type Model } from '../../formats/model.ts';
import { type NamedFile, readModel } from '../../formats/read_model.ts';
import { browserHost } from '../../hosts/browser/host.ts';
import { holdLock } from '../../hosts/browser/lifeline.ts';
import { EnginePredictor } from '../../library/engine_predictor.ts';
import type { Activation } from '../../network/activation.ts';
import { PIXEL_SCALE } from '../../network/lower.ts';
import type { Digit } from '../parts/digit_image.ts';
import { type Connection, strongestPaths } from './paths.ts';

export interface ModelFacts extends Pick<Model, 'network' | 'accuracy' | 'dataset'> {
  readonly activation: Activation;
  /** It runs in integers. */
  readonly int8: boolean;
  /** Where another program trained it: which. */
  readonly source: string | undefined;
}

export interface Prediction {
  /** What the network was shown. */
  readonly digit: Digit;
  /** The probability of each class. */
  readonly probabilities: readonly number[];
  readonly predicted: number;
  /** What the units of each hidden layer put out. */
  readonly hidden: readonly Float32Array[];
  readonly paths: readonly Connection[];
}

let engine: Promise<Engine> | undefined;
let loaded: { readonly model: Model; readonly predictor: EnginePredictor } | undefined;

const api = {
  ready: holdLock,

  /**
   * Takes the place of the model before, unless it cannot be read.
   * @param files as readModel() takes them
   * @throws InputError saying what is wrong with them
   */
  async load(files: readonly NamedFile[]): Promise<ModelFacts> {
    const model = readModel(files);
    engine ??= openWasm(browserHost(), { threads: 1 }, []);
    const predictor = new EnginePredictor(await engine, model);
    await predictor.prepare();
    await loaded?.predictor.close();
    loaded = { model, predictor };
    const { network, accuracy, dataset } = model;
    const source = model.recipe ? undefined : model.source;
    const int8 = model.quantised !== undefined;
    return { network, accuracy, dataset, activation: activationOfModel(model), int8, source };
  },

  /** @throws InputError if there is nothing to see in the image */
  async predict(image: GreyImage): Promise<Prediction> {
    if (!loaded) throw new Error('no model is loaded');
    const { model, predictor } = loaded;
    const { width, height } = model.dataset;
    const pixels = toDigit(image, { width, height });
    const { label, probabilities, hidden } = await predictor.observe(pixels);
    const ink = Float32Array.from(pixels, (level) => level * PIXEL_SCALE);
    const paths = strongestPaths(model, [ink, ...hidden], label);
    return { digit: { pixels, width, height }, probabilities, predicted: label, hidden, paths };
  },

  /** @returns the weights from each pixel to a unit of the first layer */
  weights(unit: number): Float32Array {
    if (!loaded) throw new Error('no model is loaded');
    const { network, parameters } = loaded.model;
    return weightsInto(parameters.kernel0, network.widths[1], unit);
  },
};

export type PredictWorker = typeof api;

Comlink.expose(api);
