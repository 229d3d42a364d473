// The library's public face, the same in Node and in browsers; library/node.ts and library/browser.ts add
// what differs, createSession and loadMnist.
export type { Dataset, Samples } from './data/dataset.ts';
export type { EngineInfo, PassedOver } from './engine/engine.ts';
export { InputError } from './errors.ts';
export type { Calibration, CalibrationBin } from './evaluation/calibration.ts';
export type { Answer, ClassScores, Evaluation, Mistake } from './evaluation/evaluation.ts';
export type { ImportedModel, Model, TrainedModel } from './formats/model.ts';
export type { NamedFile } from './formats/read_model.ts';
export { type DatasetDefinition, type DatasetPart, defineDataset } from './library/dataset.ts';
export { loadModel, recipes, saveModel } from './library/model.ts';
export type {
  KernelConstants,
  Prediction,
  Predictor,
  Session,
  SessionOptions,
  TrainOptions,
} from './library/session.ts';
export type { Activation } from './network/activation.ts';
export type { Distortion } from './network/distortion.ts';
export type { Initialisation, Parameters } from './network/initialisation.ts';
export type { KernelName } from './network/kernels.ts';
export type { TypedArray } from './network/plan.ts';
export type { QuantisedLayer } from './network/quantisation.ts';
export type { Optimizer, Recipe, Schedule } from './network/recipe.ts';
export type { NetworkSpec } from './network/spec.ts';
export type { CurvePoint } from './training/curve.ts';
export type { EpochReport, Progress } from './training/events.ts';
export type { EpochRecord, TrainingRecord } from './training/report.ts';
export type { KernelResult } from './validation/check_kernel.ts';
