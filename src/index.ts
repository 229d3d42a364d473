// The library's public face. A host (src/app/worker/host_browser.ts, src/cli/host_node.ts) says what an
// engine runs on.
export { type Dataset, holdOut, limitTraining, type Samples } from './data/dataset.ts';
export type { Backend, Engine, EngineInfo, Executor } from './engine/engine.ts';
export type { Host } from './engine/host.ts';
export { type Availability, type OpenOptions, open, probe } from './engine/open.ts';
export { InputError } from './errors.ts';
export { type Evaluation, evaluate } from './evaluation/evaluation.ts';
export { renderReport } from './evaluation/report_html.ts';
export { decodeModel, encodeModel, type Model } from './formats/model.ts';
export { initialParameters, type Parameters } from './network/initialisation.ts';
export { KERNELS, type KernelName } from './network/kernels.ts';
export { type LowerOptions, lower } from './network/lower.ts';
export type { Plan } from './network/plan.ts';
export { checkRecipe, type Recipe } from './network/recipe.ts';
export { countParameters, formatNetwork, type NetworkSpec, parseNetwork } from './network/spec.ts';
export { RECIPES } from './training/recipes.ts';
export { type TrainOptions, type TrainResult, train } from './training/trainer.ts';
export { measure, testLogits, writeDataset, writeParameters } from './training/transfer.ts';
