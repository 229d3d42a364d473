// Recipes from outside: what is wrong is named in one line.
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.ts';
import { checkRecipe, checkSeed, DEFAULT_OPTIMIZERS, OPTIMIZERS } from '../../src/network/recipe.ts';

const SOUND = {
  name: 'sound',
  epochs: 3,
  batch: 64,
  optimizer: DEFAULT_OPTIMIZERS.sgd,
  learningRate: 0.1,
  schedule: { kind: 'one-cycle', warmup: 0.2 },
  initialisation: 'he',
  dropout: 0,
  labelSmoothing: 0,
};

const { sgd, adamw } = DEFAULT_OPTIMIZERS;

describe('checkRecipe', () => {
  it.each([
    ['sgd', {}],
    ['AdamW', { optimizer: adamw }],
    ['a constant rate', { schedule: { kind: 'constant' } }],
    ['a cosine', { schedule: { kind: 'cosine' } }],
    ['Glorot', { initialisation: 'glorot' }],
    ['dropout and smoothing', { dropout: 0.5, labelSmoothing: 0.1 }],
    ['the largest batch', { batch: 32_768 }],
  ])('takes %s as it is', (_, change) => {
    expect(checkRecipe({ ...SOUND, ...change })).toEqual({ ...SOUND, ...change });
  });

  it.each([
    ['learningRate', { learningRate: Number.NaN }],
    ['learningRate', { learningRate: 0 }],
    ['learningRate', { learningRate: -0.1 }],
    ['learningRate', { learningRate: Number.POSITIVE_INFINITY }],
    ['learningRate', { learningRate: '0.1' }],
    ['batch', { batch: 0 }],
    ['batch', { batch: -64 }],
    ['batch', { batch: 1e9 }],
    ['batch', { batch: 6.5 }],
    ['batch', { batch: Number.NaN }],
    ['epochs', { epochs: 0 }],
    ['epochs', { epochs: 1.5 }],
    ['epochs', { epochs: 1e9 }],
    ['dropout', { dropout: 1 }],
    ['dropout', { dropout: -0.1 }],
    ['dropout', { dropout: Number.NaN }],
    ['labelSmoothing', { labelSmoothing: 1 }],
    ['initialisation', { initialisation: 'zeros' }],
    ['optimizer.kind', { optimizer: { kind: 'lion' } }],
    ['optimizer', { optimizer: undefined }],
    ['optimizer.momentum', { optimizer: { ...sgd, momentum: 1 } }],
    ['optimizer.weightDecay', { optimizer: { ...sgd, weightDecay: -1 } }],
    ['optimizer.beta2', { optimizer: { ...adamw, beta2: 1 } }],
    ['optimizer.epsilon', { optimizer: { ...adamw, epsilon: 0 } }],
    ['schedule.kind', { schedule: { kind: 'step' } }],
    ['schedule.warmup', { schedule: { kind: 'one-cycle', warmup: 1 } }],
    ['name', { name: undefined }],
  ])('refuses a wrong %s by name: %j', (field, change) => {
    const check = () => checkRecipe({ ...SOUND, ...change });
    expect(check).toThrow(InputError);
    expect(check).toThrow(/^recipe, [^\n]*expected [^\n]* received [^\n]*$/i);
    expect(check).toThrow(`recipe, ${field}: `);
  });

  it.each([[null], ['quick'], [[]], [undefined]])('refuses %j, which is no recipe', (recipe) => {
    expect(() => checkRecipe(recipe)).toThrow(InputError);
  });

  it('names the optimizers that there are', () => {
    for (const kind of OPTIMIZERS) {
      expect(() => checkRecipe({ ...SOUND, optimizer: { kind: 'lion' } })).toThrow(kind);
    }
  });

  it('says what limit a batch crosses', () => {
    expect(() => checkRecipe({ ...SOUND, batch: 1e9 })).toThrow('32768');
  });
});

describe('checkSeed', () => {
  it.each([0, 1, 0xffff_ffff])('takes %d', (seed) => {
    expect(checkSeed(seed)).toBe(seed);
  });

  it.each([-1, 0.5, 2 ** 32, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (seed) => {
    expect(() => checkSeed(seed)).toThrow(InputError);
    expect(() => checkSeed(seed)).toThrow(`seed ${seed}: expected a whole number from 0 to 4294967295`);
  });
});
