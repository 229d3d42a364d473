// Where the reader is in the tutorial and what was chosen there, with its place in the address.
import { OPTIMIZERS, type Optimizer } from '../../network/recipe.ts';

export const STEP_NAMES = [
  'data',
  'network',
  'forward',
  'loss',
  'backward',
  'update',
  'train',
  'evaluate',
  'mistakes',
] as const;
export type StepName = (typeof STEP_NAMES)[number];

export const HIDDEN = { least: 4, most: 128, step: 4 } as const;

/** 1, 2 and 5 times the powers of ten. */
export const RATES: readonly number[] = [-4, -3, -2, -1, 0]
  .flatMap((power) => [1, 2, 5].map((factor) => Number(`${factor}e${power}`)))
  .concat(10);

export interface Place {
  readonly step: StepName;
  /** Units of the hidden layer. */
  readonly hidden: number;
  readonly optimizer: Optimizer['kind'];
  /** From 0, in the order of the first epoch. */
  readonly batch: number;
  /** Row of the batch. */
  readonly digit: number;
  /** A unit of the hidden layer. */
  readonly unit: number;
  /** Whose weight into the unit is tested; −1 is the one with the steepest gradient. */
  readonly pixel: number;
  /** Learning rate of an update. */
  readonly rate: number;
  /** The class whose scores are looked at. */
  readonly label: number;
  /** A place in the list of mistakes. */
  readonly mistake: number;
}

export const START: Place = {
  step: 'data',
  hidden: 32,
  optimizer: 'sgd',
  batch: 0,
  digit: 0,
  unit: 2,
  pixel: -1,
  rate: 0.1,
  label: 4,
  mistake: 0,
};

/** The largest value of each whole number, as far as it is known before there is data. */
const MOST = { batch: 937, digit: 63, unit: HIDDEN.most - 1, pixel: 783, label: 9, mistake: 59 } as const;

/** Reads {@link toParams}'s; what is unknown or impossible is as at the start. */
export function fromParams(params: URLSearchParams): Place {
  const number = (name: string) => Number.parseFloat(params.get(name) ?? '');
  const place: Record<string, string | number> = { ...START };
  for (const [name, most] of Object.entries(MOST)) {
    const value = number(name);
    if (Number.isInteger(value) && value >= 0 && value <= most) place[name] = value;
  }
  const hidden = number('hidden');
  if (hidden >= HIDDEN.least && hidden <= HIDDEN.most && hidden % HIDDEN.step === 0) place.hidden = hidden;
  if (RATES.includes(number('rate'))) place.rate = number('rate');
  place.step = STEP_NAMES.find((name) => name === params.get('step')) ?? START.step;
  place.optimizer = OPTIMIZERS.find((name) => name === params.get('optimizer')) ?? START.optimizer;
  return place as unknown as Place;
}

/** What differs from the start. */
export function toParams(place: Place): URLSearchParams {
  const changed = Object.entries(place).filter(([name, value]) => value !== START[name as keyof Place]);
  return new URLSearchParams(changed.map(([name, value]) => [name, String(value)]));
}

/** The address of a step, with all else as it is. */
export function stepLink(place: Place, step: StepName): string {
  const query = toParams({ ...place, step }).toString();
  return query === '' ? '#/learn' : `#/learn?${query}`;
}
