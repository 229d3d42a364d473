// What the library offers: a session is an engine that was chosen once, and trains, evaluates, predicts and
// runs single kernels.
import type { Dataset } from '../data/dataset.ts';
import type { EngineInfo, PassedOver } from '../engine/engine.ts';
import type { Precision } from '../engine/webgpu/shaders.ts';
import type { Evaluation } from '../evaluation/evaluation.ts';
import type { Model, TrainedModel } from '../formats/model.ts';
import type { Parameters } from '../network/initialisation.ts';
import type { KernelName } from '../network/kernels.ts';
import type { TypedArray } from '../network/plan.ts';
import type { Recipe } from '../network/recipe.ts';
import type { EpochReport, Progress } from '../training/events.ts';
import type { KernelResult } from '../validation/check_kernel.ts';

export interface SessionOptions {
  /**
   * Left out, `auto`: WebGPU on a real GPU, else WASM with as many threads as can be had. WebGPU on a driver
   * that computes on the processor is taken by name only.
   */
  readonly backend?: 'auto' | 'webgpu' | 'wasm';
  /** Of WASM, from 1 to 64; left out, one for each logical processor. */
  readonly threads?: number;
  /** Of WebGPU's products; left out, `float32`. `mixed` needs a GPU with the feature shader-f16. */
  readonly precision?: Precision;
  /** WGSL in place of the files in shaders/, by name without `.wgsl`. Their kernels then run in these files. */
  readonly shaders?: { readonly [shader: string]: string };
  /** Browsers: compute in the calling worker itself, on one thread of WASM; left out, in a worker of its own. */
  readonly worker?: boolean;
}

export interface TrainOptions {
  /** One that ships (`quick`, `standard`, `record`), or one's own; left out, `quick`. */
  readonly recipe?: string | Recipe;
  /**
   * Widths from the pixels to the classes, "784-128-10"; left out, the recipe's hidden layers (or one of 128
   * units), made to fit the data set.
   */
  readonly network?: string;
  /** A whole number of 32 bits, from which all randomness follows; left out, 1. */
  readonly seed?: number;
  /** Train on the first so many images; left out, on all. */
  readonly trainLimit?: number;
  /** Hold the last so many training images out and test on them instead of the test set; left out, none. */
  readonly holdOut?: number;
  /** To begin with in place of fresh ones: float32, `kernel0` [inputs, units], `bias0` [units], `kernel1`, … */
  readonly parameters?: Parameters;
  /** Called some times a second. */
  readonly onProgress?: (progress: Progress) => void;
  /** Called after each epoch and its evaluation. */
  readonly onEpoch?: (report: EpochReport) => void;
  /** Ends the training: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface Prediction {
  /** The class with the greatest probability, the lowest of equals. */
  readonly label: number;
  /** float64 [classes] */
  readonly probabilities: readonly number[];
}

/** Reads images with one model. */
export interface Predictor {
  /**
   * @param pixels uint8 [width·height] row by row, 0 is the background
   * @throws InputError unless the number of pixels is the model's
   */
  predict(pixels: Uint8Array): Promise<Prediction>;
  /** @param images a batch: each as above */
  predict(images: readonly Uint8Array[]): Promise<Prediction[]>;
  close(): Promise<void>;
}

/** Constants of a kernel call and fields of its step, all numbers, but for an activation's name. */
export interface KernelConstants {
  readonly activation?: string;
  readonly [constant: string]: number | string | undefined;
}

export interface Session {
  /** What was chosen. */
  readonly engine: EngineInfo;
  /** What was not, and why: backends, and faster variants of the chosen one. */
  readonly passedOver: readonly PassedOver[];
  /**
   * Trains a network and evaluates it on the test set.
   * @returns the model; `accuracy` is that of the test set, `report` the record of the training
   * @throws InputError if the options do not fit the data set, before anything is allocated
   * @throws whatever the signal was aborted with
   */
  train(dataset: Dataset, options?: TrainOptions): Promise<TrainedModel>;
  /**
   * A model on the data set's test images.
   * @throws InputError if the model does not fit the data set
   */
  evaluate(model: Model, dataset: Dataset): Promise<Evaluation>;
  predictor(model: Model): Promise<Predictor>;
  /**
   * One kernel of README's table, once.
   * @param operands by name, as the table shapes them, row-major; those that are only written may be left out
   * @param constants the kernel's, `rows` of the batch, and fields of the step (`learningRate`, …); those left
   * out do nothing: no dropout, a scale of 1, a linear activation
   * @returns the operands that the kernel writes or updates
   * @throws InputError naming the operand or constant that is missing or does not fit
   */
  runKernel(
    kernel: KernelName,
    operands: { readonly [operand: string]: TypedArray },
    constants: KernelConstants,
  ): Promise<{ readonly [operand: string]: TypedArray }>;
  /**
   * Kernels on awkward shapes against the float64 oracle, with a derived bound for every element.
   * @param kernels left out, all of them
   * @returns a row for each shape; `pass` says whether every element is within its bound
   */
  validate(kernels?: readonly KernelName[]): Promise<KernelResult[]>;
  /** Frees the engine, and ends the session's worker and threads. */
  close(): Promise<void>;
}
