// The form as data: what it refuses, what it asks for, and its place in the URL.

import { describe, expect, it } from 'vitest';
import {
  checkForm,
  defaultValues,
  type Field,
  type FormValues,
  fromParams,
  RECIPE_NAMES,
  recipeTitle,
  recipeValues,
  toParams,
  withHiddenWidths,
} from '../../src/app/model/form.ts';
import { MNIST } from '../../src/data/dataset.ts';
import { fitNetwork } from '../../src/network/spec.ts';
import { RECIPES } from '../../src/training/recipes.ts';

function checked(changes: Partial<FormValues>) {
  return checkForm({ ...defaultValues(), ...changes }, MNIST);
}

describe('a form as it is first shown', () => {
  it.each(RECIPE_NAMES)('asks for recipe %s as it is written', (name) => {
    const result = checkForm(defaultValues(name), MNIST);
    expect(result).toEqual({
      job: { backend: 'auto', network: RECIPES[name].network, recipe: RECIPES[name].recipe, seed: 1 },
    });
  });

  it('becomes custom when a field that the recipe rules is changed', () => {
    expect(recipeTitle({ ...defaultValues(), seed: '7' })).toBe(RECIPE_NAMES[0]);
    expect(recipeTitle({ ...defaultValues(), batch: '77' })).toBe('custom');
    expect(checked({ batch: '77' })).toMatchObject({ job: { recipe: { name: 'custom', batch: 77 } } });
  });
});

it('asks for tuning where it is wanted', () => {
  expect(checked({ tuning: 'on' })).toMatchObject({ job: { autotune: true } });
});

describe('what is typed', () => {
  it('is in the job', () => {
    expect(
      checked({
        backend: 'wasm',
        threads: ' 2 ',
        network: '784-32-10',
        optimizer: 'adamw',
        weightDecay: '0.02',
        learningRate: '1e-3',
        schedule: 'one-cycle',
        warmup: '0.1',
        trainImages: '600',
        seed: '9',
      }),
    ).toMatchObject({
      job: {
        backend: 'wasm',
        threads: 2,
        network: '784-32-10',
        seed: 9,
        trainLimit: 600,
        recipe: {
          optimizer: { kind: 'adamw', weightDecay: 0.02 },
          learningRate: 0.001,
          schedule: { kind: 'one-cycle', warmup: 0.1 },
        },
      },
    });
  });

  it.each<[Field, string, RegExp]>([
    ['network', '784-zebra-10', /network "784-zebra-10": expected layer widths/],
    ['network', '784-0-10', /whole number from 1/],
    ['network', '784-1000000000-10', /1000000000 units/],
    ['network', '100-32-10', /MNIST has 28×28 pixels and 10 classes/],
    ['epochs', '0', /epochs/],
    ['epochs', '', /epochs "": expected a number/],
    ['batch', '1.5', /batch/],
    ['batch', '60001', /60001/],
    ['learningRate', 'fast', /learning rate "fast": expected a number/],
    ['learningRate', '-1', /learningRate/],
    ['momentum', '1', /momentum/],
    ['weightDecay', '-0.1', /weightDecay/],
    ['dropout', '1', /dropout/],
    ['labelSmoothing', 'NaN', /label smoothing "NaN": expected a number/],
    ['seed', '-1', /seed -1: expected a whole number from 0 to 4294967295/],
    ['threads', '0', /threads 0: expected a whole number from 1/],
    ['trainImages', '70000', /training images 70000: expected a whole number from 1 to 60000/],
  ])('is refused with its field and one line: %s "%s"', (field, text, message) => {
    const result = checked({ optimizer: 'sgd', [field]: text });
    expect(result).toMatchObject({ problem: { field, message: expect.stringMatching(message) } });
    expect('problem' in result && result.problem.message).not.toContain('\n');
  });
});

describe('the URL', () => {
  it('holds nothing of a form that was not changed', () => {
    expect(toParams(defaultValues()).toString()).toBe('');
  });

  it.each(RECIPE_NAMES)('brings back every field of a changed form that began with %s', (name) => {
    const values = {
      ...defaultValues(name),
      backend: 'tfjs',
      seed: '3',
      network: '784-9-8-10',
      epochs: 'abc',
    };
    expect(fromParams(new URLSearchParams(toParams(values).toString()))).toEqual(values);
  });

  it('is read without what the form does not know', () => {
    const read = fromParams(
      new URLSearchParams('backend=cuda&recipe=none&zebra=1&optimizer=lion&epochs=4&__proto__=x'),
    );
    expect(read).toEqual({ ...defaultValues(), epochs: '4' });
  });
});

describe('auto', () => {
  const letters = { ...MNIST, width: 8, height: 4, classes: 26 };
  const network = 'auto-128-auto';

  it('is what the data has', () => {
    expect(checkForm({ ...defaultValues(), network }, letters)).toMatchObject({
      job: { network: '32-128-26' },
    });
  });

  it('stays when hidden layers change', () => {
    expect(withHiddenWidths(network, ['64', '32'], letters)).toBe('auto-64-32-auto');
  });
});

describe('hidden layers', () => {
  it('change without the ends of the network', () => {
    expect(withHiddenWidths('784-128-10', ['64', '32'], MNIST)).toBe('784-64-32-10');
    expect(withHiddenWidths('784-10', [], MNIST)).toBe('784-10');
    expect(withHiddenWidths('', ['64'], MNIST)).toBe('784-64-10');
  });

  it('stay when a data set of another form is chosen', () => {
    expect(fitNetwork('784-128-10', { ...MNIST, width: 8, height: 4, classes: 26 })).toBe('32-128-26');
    expect(recipeValues(RECIPE_NAMES[0]).network).toMatch(/^784-.*-10$/);
  });
});
