// A model as the plan that runs it, and what it computes with.
import { int8Plan } from '../network/int8_plan.ts';
import { lower } from '../network/lower.ts';
import type { Plan, TypedArray } from '../network/plan.ts';
import { int8Parameters } from '../network/quantisation.ts';
import { NO_TRAINING } from '../network/recipe.ts';
import { activationOfModel, type Model } from './model.ts';

/**
 * A plan that evaluates the model on so many images: in integers if it is quantised.
 * @param evaluationBatch the engine's
 */
export function inferencePlan(model: Model, images: number, evaluationBatch?: number): Plan {
  const { network, recipe, seed = 0 } = model;
  const plan = lower({
    network,
    recipe: recipe ?? { ...NO_TRAINING, name: 'inference', activation: activationOfModel(model) },
    seed,
    samples: { train: 0, test: images },
    evaluationBatch,
  });
  return model.quantised ? int8Plan(plan) : plan;
}

/** By the buffers of that plan. */
export function inferenceParameters({ parameters, quantised }: Model): {
  readonly [buffer: string]: TypedArray;
} {
  return quantised ? int8Parameters(quantised) : parameters;
}
