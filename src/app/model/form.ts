// The form as data: its fields as typed, their place in the URL, and the job they ask for.

import { BACKEND_CHOICES, type BackendChoice, checkThreads } from '../../engine/open.ts';
import { InputError } from '../../errors.ts';
import type { TrainJob } from '../../jobs/job.ts';
import { ACTIVATIONS } from '../../network/activation.ts';
import { formatDistortion, parseDistortion } from '../../network/distortion.ts';
import { INITIALISATIONS } from '../../network/initialisation.ts';
import { lower } from '../../network/lower.ts';
import {
  activationOf,
  checkRecipe,
  checkSeed,
  DEFAULT_OPTIMIZERS,
  OPTIMIZERS,
  type Optimizer,
  type Recipe,
  SCHEDULES,
  type Schedule,
} from '../../network/recipe.ts';
import { checkFit, type DataShape, formatNetwork, parseNetwork, resolveAuto } from '../../network/spec.ts';
import { DEFAULT_RECIPE, RECIPES } from '../../training/recipes.ts';
import type { KeptValues } from '../storage/shelf.ts';

/** What the form asks of a data set. */
export interface DatasetShape extends DataShape {
  readonly train: number;
  readonly test: number;
}

export const RECIPE_NAMES: readonly string[] = Object.keys(RECIPES);

/** Every field as text, the way it was typed; empty threads and training images mean "all". */
export interface FormValues {
  readonly backend: string;
  /** Whether WebGPU times the variants of each product first. */
  readonly tuning: string;
  readonly threads: string;
  readonly recipe: string;
  readonly network: string;
  readonly epochs: string;
  readonly batch: string;
  readonly learningRate: string;
  readonly schedule: string;
  readonly warmup: string;
  readonly optimizer: string;
  readonly momentum: string;
  readonly weightDecay: string;
  readonly dropout: string;
  readonly labelSmoothing: string;
  /** As `parseDistortion` reads it. */
  readonly distortion: string;
  readonly activation: string;
  readonly initialisation: string;
  readonly seed: string;
  readonly trainImages: string;
  /** The two axes of a sweep, each a field and its values as typed: "batch 32, 64"; empty for those offered. */
  readonly rows: string;
  readonly columns: string;
}

export type Field = keyof FormValues;

/** The values that a field with a fixed list may take. */
export const CHOICES = {
  backend: BACKEND_CHOICES,
  tuning: ['off', 'on'],
  recipe: RECIPE_NAMES,
  schedule: SCHEDULES,
  optimizer: OPTIMIZERS,
  activation: ACTIVATIONS,
  initialisation: INITIALISATIONS,
} as const satisfies { readonly [F in Field]?: readonly string[] };

const DEFAULT_WARMUP = 0.25;

/** The part of the form that a recipe rules. */
export function recipeValues(name: string) {
  const { network, recipe } = RECIPES[name];
  const { optimizer, schedule } = recipe;
  return {
    recipe: name,
    network,
    epochs: String(recipe.epochs),
    batch: String(recipe.batch),
    learningRate: String(recipe.learningRate),
    schedule: schedule.kind,
    warmup: String(schedule.kind === 'one-cycle' ? schedule.warmup : DEFAULT_WARMUP),
    optimizer: optimizer.kind,
    momentum: String(optimizer.kind === 'sgd' ? optimizer.momentum : DEFAULT_OPTIMIZERS.sgd.momentum),
    weightDecay: String(optimizer.weightDecay),
    dropout: String(recipe.dropout),
    labelSmoothing: String(recipe.labelSmoothing),
    distortion: formatDistortion(recipe.distortion),
    activation: activationOf(recipe),
    initialisation: recipe.initialisation,
  } satisfies Partial<FormValues>;
}

export function defaultValues(recipe = DEFAULT_RECIPE): FormValues {
  const free = { backend: 'auto', tuning: 'off', threads: '', seed: '1', trainImages: '' };
  return { ...free, rows: '', columns: '', ...recipeValues(recipe) };
}

const DEFAULTS = defaultValues();

/** "quick", or "custom" once a field that the recipe rules was changed. */
export function recipeTitle(values: FormValues): string {
  const ruled = recipeValues(values.recipe);
  const changed = Object.entries(ruled).some(([field, value]) => values[field as Field] !== value);
  return changed ? 'custom' : values.recipe;
}

/** As they were kept, perhaps by an earlier version: fields and choices that are unknown are left out. */
export function fromKept(values: KeptValues): FormValues {
  return fromParams(new URLSearchParams(values));
}

/** The fields that differ from their defaults, as the address holds them. */
export function toParams(values: FormValues): URLSearchParams {
  const defaults: FormValues = defaultValues(values.recipe);
  const changed = Object.entries(values).filter(
    ([field, value]) =>
      (field === 'recipe' && value !== DEFAULT_RECIPE) || value !== defaults[field as Field],
  );
  return new URLSearchParams(changed);
}

/** Reads {@link toParams}'s; what {@link isKnown} does not know is left out. */
export function fromParams(given: URLSearchParams): FormValues {
  const recipe = RECIPE_NAMES.find((name) => name === given.get('recipe'));
  const known = [...given].filter(([field, value]) => isKnown(field, value));
  return { ...defaultValues(recipe), ...Object.fromEntries(known) };
}

/** Whether the form has such a field and, if its choices are fixed, such a choice. */
export function isKnown(field: string, value: string): boolean {
  if (!Object.hasOwn(DEFAULTS, field)) return false;
  const choices: readonly string[] | undefined = CHOICES[field as keyof typeof CHOICES];
  return !choices || choices.includes(value);
}

/** Wrong input, with the field that it is in. */
export interface Problem {
  readonly field: Field;
  readonly message: string;
}

export type Checked = { readonly job: TrainJob } | { readonly problem: Problem };

/** The job that the form asks for, or the first thing wrong with it. */
export function checkForm(values: FormValues, dataset: DatasetShape): Checked {
  let current: Field = 'network';
  const within = <T>(field: Field, check: () => T): T => {
    current = field;
    return check();
  };
  try {
    const network = within('network', () => {
      const spec = parseNetwork(resolveAuto(values.network.trim(), dataset));
      checkFit(spec, dataset);
      return spec;
    });
    const trainLimit = within('trainImages', () => limitFrom(values.trainImages, dataset.train));
    const recipe = recipeFrom(values, within);
    const seed = within('seed', () => checkSeed(numberFrom('seed', values.seed)));
    const threads = within('threads', () => threadsFrom(values.threads));
    within('batch', () =>
      lower({
        network,
        recipe,
        seed,
        samples: { train: trainLimit ?? dataset.train, test: dataset.test },
        image: dataset,
      }),
    );
    return {
      job: {
        backend: values.backend as BackendChoice,
        network: formatNetwork(network),
        recipe,
        seed,
        ...(values.tuning === 'on' && { autotune: true }),
        ...(threads !== undefined && { threads }),
        ...(trainLimit !== undefined && { trainLimit }),
      },
    };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { problem: { field: current, message: error.message } };
  }
}

/** Each field is checked within an otherwise valid recipe, so that a complaint belongs to that field. */
function recipeFrom(values: FormValues, within: <T>(field: Field, check: () => T) => T): Recipe {
  const base = RECIPES[values.recipe].recipe;
  const checkedNumber = (field: Field, label: string, place: (value: number) => Partial<Recipe>) =>
    within(
      field,
      () =>
        checkRecipe({ ...base, ...place(numberFrom(label, values[field])) }) &&
        numberFrom(label, values[field]),
    );

  const epochs = checkedNumber('epochs', 'epochs', (epochs) => ({ epochs }));
  const batch = checkedNumber('batch', 'batch', (batch) => ({ batch }));
  const learningRate = checkedNumber('learningRate', 'learning rate', (learningRate) => ({ learningRate }));
  const dropout = checkedNumber('dropout', 'dropout', (dropout) => ({ dropout }));
  const labelSmoothing = checkedNumber('labelSmoothing', 'label smoothing', (labelSmoothing) => ({
    labelSmoothing,
  }));
  const optimizer = within('weightDecay', () => optimizerFrom(values, base, within));
  const schedule = within('warmup', () => scheduleFrom(values, base));
  const distortion = within('distortion', () => {
    const parsed = parseDistortion(values.distortion);
    return checkRecipe({ ...base, distortion: parsed }).distortion;
  });
  return checkRecipe({
    name: recipeTitle(values),
    epochs,
    batch,
    learningRate,
    optimizer,
    schedule,
    initialisation: values.initialisation,
    dropout,
    labelSmoothing,
    ...(values.activation !== 'relu' && { activation: values.activation }),
    ...(distortion && { distortion }),
  });
}

function optimizerFrom(
  values: FormValues,
  base: Recipe,
  within: <T>(field: Field, check: () => T) => T,
): Optimizer {
  const checked = (optimizer: Optimizer) => checkRecipe({ ...base, optimizer }).optimizer;
  const weightDecay = numberFrom('weight decay', values.weightDecay);
  if (values.optimizer === 'adamw') {
    const settings = base.optimizer.kind === 'adamw' ? base.optimizer : DEFAULT_OPTIMIZERS.adamw;
    return checked({ ...settings, weightDecay });
  }
  checked({ ...DEFAULT_OPTIMIZERS.sgd, weightDecay });
  return within('momentum', () =>
    checked({ kind: 'sgd', momentum: numberFrom('momentum', values.momentum), weightDecay }),
  );
}

function scheduleFrom(values: FormValues, base: Recipe): Schedule {
  const kind = values.schedule as Schedule['kind'];
  const schedule: Schedule =
    kind === 'one-cycle' ? { kind, warmup: numberFrom('warm-up', values.warmup) } : { kind };
  return checkRecipe({ ...base, schedule }).schedule;
}

function threadsFrom(text: string): number | undefined {
  if (text.trim() === '') return undefined;
  return checkThreads(numberFrom('threads', text));
}

/** Undefined for all of them. */
function limitFrom(text: string, available: number): number | undefined {
  if (text.trim() === '') return undefined;
  const limit = numberFrom('training images', text);
  if (!Number.isInteger(limit) || limit < 1 || limit > available) {
    throw new InputError(
      `training images ${text.trim()}: expected a whole number from 1 to ${available}, or nothing for all`,
    );
  }
  return limit;
}

function numberFrom(label: string, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new InputError(`${label} "${text.trim()}": expected a number`);
  return value;
}

/** The hidden widths of a network's text, as typed: "784-128-10" has ["128"]. */
export function hiddenWidths(network: string): string[] {
  return network.split('-').slice(1, -1);
}

/** A network's text with other hidden widths. */
export function withHiddenWidths(network: string, hidden: readonly string[], dataset: DatasetShape): string {
  const widths = network.split('-');
  const inputs = widths.length > 1 ? widths[0] : String(dataset.width * dataset.height);
  const classes = widths.length > 1 ? widths.at(-1)! : String(dataset.classes);
  return [inputs, ...hidden, classes].join('-');
}

/** Whether they would take the same steps. */
export function isSameTraining(a: TrainJob, b: TrainJob): boolean {
  const steps = ({ network, recipe, seed, trainLimit }: TrainJob) => [network, recipe, seed, trainLimit];
  return JSON.stringify(steps(a)) === JSON.stringify(steps(b));
}
