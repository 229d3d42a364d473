// What options make of a recipe.
import type { Activation } from '../network/activation.ts';
import { parseDistortion } from '../network/distortion.ts';
import { DEFAULT_OPTIMIZERS, type Recipe } from '../network/recipe.ts';

export interface RecipeOptions {
  readonly epochs?: number;
  readonly batch?: number;
  readonly optimizer?: Recipe['optimizer']['kind'];
  readonly activation?: Activation;
  readonly learningRate?: number;
  readonly distortion?: string;
  readonly dropout?: number;
  readonly weightDecay?: number;
  readonly labelSmoothing?: number;
}

/** The recipe, or a `custom` one where options take the place of its values. */
export function customised(recipe: Recipe, options: RecipeOptions): Recipe {
  const { epochs = recipe.epochs, batch = recipe.batch, learningRate = recipe.learningRate } = options;
  const sameOptimizer = options.optimizer === undefined || options.optimizer === recipe.optimizer.kind;
  const optimizer = sameOptimizer ? recipe.optimizer : DEFAULT_OPTIMIZERS[options.optimizer];
  const { dropout = recipe.dropout, labelSmoothing = recipe.labelSmoothing } = options;
  const { weightDecay = optimizer.weightDecay } = options;
  const distortion =
    options.distortion === undefined ? recipe.distortion : parseDistortion(options.distortion);
  const { activation = recipe.activation } = options;
  const changed = {
    ...recipe,
    epochs,
    batch,
    learningRate,
    optimizer: { ...optimizer, weightDecay },
    dropout,
    labelSmoothing,
    ...(activation && activation !== 'relu' && { activation }),
    ...(distortion && { distortion }),
  };
  return JSON.stringify(changed) === JSON.stringify(recipe) ? recipe : { ...changed, name: 'custom' };
}
