// A trained model in integers: quantisation.ts.
import type { Dataset } from '../data/dataset.ts';
import type { Host } from '../engine/host.ts';
import { evaluate } from '../evaluation/evaluation.ts';
import { inferencePlan } from '../formats/inference.ts';
import type { Model } from '../formats/model.ts';
import { checkQuantisable } from '../network/int8_plan.ts';
import { dequantise, quantise } from '../network/quantisation.ts';
import { checkFit } from '../network/spec.ts';
import { activationRanges } from '../oracle/calibration.ts';
import { infer } from './evaluate.ts';

/** The largest magnitude of a logit on training images: TensorFlow Lite has integers for logits as well. */
export function logitRangeOf(model: Model, dataset: Dataset): number {
  const { network, recipe } = inferencePlan(model, 0);
  return activationRanges(network, recipe, model.parameters, dataset.train).logits;
}

/**
 * The scales come from the training images; its accuracy is measured anew on the test images. A model that is
 * quantised already stays as it is.
 * @throws InputError if its hidden units are not relu, or it does not fit the data set
 */
export async function quantiseModel(model: Model, dataset: Dataset, host: Host): Promise<Model> {
  if (model.quantised) return model;
  const { network, parameters } = model;
  checkFit(network, dataset);
  const plan = inferencePlan(model, 0);
  checkQuantisable(plan);
  const { hidden } = activationRanges(network, plan.recipe, parameters, dataset.train);
  const quantised = quantise(network, parameters, hidden);
  const integers = { ...model, parameters: dequantise(network, quantised), quantised };
  const { logits } = await infer({ backend: 'wasm', threads: 1 }, integers, dataset.test, host);
  return { ...integers, accuracy: evaluate(logits, dataset.test, dataset.classes).accuracy };
}
