// How a network is trained: optimizer, learning rate, batches, regularisation. Presets are in
// training/recipes.ts.
import * as v from 'valibot';
import { InputError } from '../errors.ts';
import { ACTIVATIONS, type Activation } from './activation.ts';
import { type Distortion, distortionSchema } from './distortion.ts';
import { INITIALISATIONS, type Initialisation } from './initialisation.ts';

const number = (minimum: number, maximum: number) =>
  v.pipe(v.number(), v.minValue(minimum), v.maxValue(maximum));
const whole = (minimum: number, maximum: number) =>
  v.pipe(
    number(minimum, maximum),
    v.integer(({ received }) => `Expected a whole number but received ${received}`),
  );
/** [0, 1) */
const fraction = v.pipe(v.number(), v.minValue(0), v.ltValue(1));

/**
 * SGD: `p ← p − rate·(v + weightDecay·p)` with `v ← momentum·v + g`. AdamW: Loshchilov and Hutter,
 * arXiv:1711.05101, algorithm 2, with the rate as the schedule multiplier; with Nesterov's momentum the moment
 * that it follows is `β₁m + (1−β₁)g` (Dozat, "Incorporating Nesterov momentum into Adam", 2016, with one bias
 * correction for both terms). Weight decay is decoupled and applies to kernels, never to biases.
 */
export type Optimizer =
  | { readonly kind: 'sgd'; readonly momentum: number; readonly weightDecay: number }
  | {
      readonly kind: 'adamw';
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly weightDecay: number;
      /** Left out, false. */
      readonly nesterov?: boolean;
    };

/**
 * The course of the learning rate from the first step to the last:
 * `constant`; `cosine` from the peak to 0; `one-cycle` linearly up over the first `warmup` of the steps, then
 * cosine down to 0 (Smith and Topin, arXiv:1708.07120).
 */
export type Schedule =
  | { readonly kind: 'constant' }
  | { readonly kind: 'cosine' }
  | { readonly kind: 'one-cycle'; readonly warmup: number };

/** How a network is trained. */
export interface Recipe {
  readonly name: string;
  readonly epochs: number;
  /** Samples a step; the last step of an epoch may have fewer. */
  readonly batch: number;
  readonly optimizer: Optimizer;
  /** The schedule's peak. */
  readonly learningRate: number;
  readonly schedule: Schedule;
  readonly initialisation: Initialisation;
  /** Rate at which hidden units are dropped, the others scaled by 1/(1−rate) (inverted dropout). */
  readonly dropout: number;
  /** Targets become (1−s)·onehot + s/classes. */
  readonly labelSmoothing: number;
  /** Of the hidden units; left out, relu. */
  readonly activation?: Activation;
  /** Left out, the images are trained on as they are. */
  readonly distortion?: Distortion;
}

const weightDecay = number(0, 1);

const optimizer = v.variant('kind', [
  v.object({ kind: v.literal('sgd'), momentum: fraction, weightDecay }),
  v.object({
    kind: v.literal('adamw'),
    beta1: fraction,
    beta2: fraction,
    epsilon: number(1e-12, 1),
    weightDecay,
    nesterov: v.optional(v.boolean()),
  }),
]);

const schedule = v.variant('kind', [
  v.object({ kind: v.literal('constant') }),
  v.object({ kind: v.literal('cosine') }),
  v.object({ kind: v.literal('one-cycle'), warmup: fraction }),
]);

export const recipeSchema = v.object({
  name: v.string(),
  epochs: whole(1, 100_000),
  batch: whole(1, 32_768),
  optimizer,
  learningRate: number(1e-9, 100),
  schedule,
  initialisation: v.picklist(INITIALISATIONS),
  dropout: fraction,
  labelSmoothing: fraction,
  activation: v.optional(v.picklist(ACTIVATIONS)),
  distortion: v.optional(distortionSchema),
});

export const OPTIMIZERS = ['sgd', 'adamw'] as const satisfies readonly Optimizer['kind'][];
export const SCHEDULES = ['constant', 'cosine', 'one-cycle'] as const satisfies readonly Schedule['kind'][];

/** A plan has a recipe, also one that trains nothing: what lower() accepts, and nobody reads. */
export const NO_TRAINING: Recipe = {
  name: 'none',
  epochs: 1,
  batch: 1,
  optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0 },
  learningRate: 1,
  schedule: { kind: 'constant' },
  initialisation: 'he',
  dropout: 0,
  labelSmoothing: 0,
};

/** What the hidden units put out. */
export function activationOf({ activation = 'relu' }: Recipe): Activation {
  return activation;
}

/** Optimizers with their usual settings. */
export const DEFAULT_OPTIMIZERS: { readonly [K in Optimizer['kind']]: Extract<Optimizer, { kind: K }> } = {
  sgd: { kind: 'sgd', momentum: 0.9, weightDecay: 0 },
  adamw: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0.01 },
};

/**
 * Checks what came from outside.
 * @throws InputError naming the field, what was expected and what was given
 */
export function checkRecipe(recipe: unknown): Recipe {
  const result = v.safeParse(recipeSchema, recipe);
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new InputError(
    `recipe, ${v.getDotPath(issue) ?? 'whole'}: ${issue.message.replace(/^Invalid \w+: /, '')}`,
  );
}

/**
 * @throws InputError unless `seed` is a whole number of 32 bits
 */
export function checkSeed(seed: number): number {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff) {
    throw new InputError(`seed ${seed}: expected a whole number from 0 to 4294967295`);
  }
  return seed;
}
