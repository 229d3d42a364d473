// The recipes that ship. Choices were made on the last 10,000 training images, never on the test set.
import { InputError } from '../errors.ts';
import { DEFAULT_DISTORTION } from '../network/distortion.ts';
import { DEFAULT_OPTIMIZERS, type Recipe } from '../network/recipe.ts';

/** A network with the way to train it. */
export interface Preset {
  readonly network: string;
  readonly recipe: Recipe;
}

export const RECIPES: Readonly<Record<string, Preset>> = {
  /** 97.6 % in as few epochs as it takes; what else was tried is in bench/NOTES.md. */
  quick: {
    network: '784-128-10',
    recipe: {
      name: 'quick',
      epochs: 2,
      batch: 128,
      optimizer: { ...DEFAULT_OPTIMIZERS.adamw, beta2: 0.99, weightDecay: 0.1, nesterov: true },
      learningRate: 0.014,
      schedule: { kind: 'one-cycle', warmup: 0.2 },
      initialisation: 'he',
      dropout: 0,
      labelSmoothing: 0.05,
    },
  },
  /** 98.9 % and more in a minute on two processor cores: what distorted images are worth. */
  standard: {
    network: '784-512-512-10',
    recipe: {
      name: 'standard',
      epochs: 20,
      batch: 128,
      optimizer: DEFAULT_OPTIMIZERS.adamw,
      learningRate: 0.003,
      schedule: { kind: 'one-cycle', warmup: 0.2 },
      initialisation: 'he',
      dropout: 0,
      labelSmoothing: 0.05,
      distortion: { ...DEFAULT_DISTORTION, rest: 0.1 },
    },
  },
  /** 99.6 % in about an hour on two processor cores: what a larger network, trained for longer, adds. */
  record: {
    network: '784-2000-1500-1000-500-10',
    recipe: {
      name: 'record',
      epochs: 300,
      batch: 256,
      optimizer: DEFAULT_OPTIMIZERS.adamw,
      learningRate: 0.0015,
      schedule: { kind: 'one-cycle', warmup: 0.2 },
      initialisation: 'he',
      dropout: 0,
      labelSmoothing: 0.05,
      distortion: { ...DEFAULT_DISTORTION, rest: 0.04 },
    },
  },
};

export const DEFAULT_RECIPE = 'quick';

/** @throws InputError naming the recipes that there are */
export function findRecipe(name: string): Preset {
  if (!Object.hasOwn(RECIPES, name)) {
    throw new InputError(`recipe "${name}": expected one of ${Object.keys(RECIPES).join(', ')}`);
  }
  return RECIPES[name];
}
