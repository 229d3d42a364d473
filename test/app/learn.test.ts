// The tutorial's address, its judgement of learning rates, and which weight it looks at.
import { describe, expect, it } from 'vitest';
import type { Pass } from '../../src/app/learn/lab.ts';
import {
  fromParams,
  type Place,
  RATES,
  START,
  STEP_NAMES,
  stepLink,
  toParams,
} from '../../src/app/learn/place.ts';
import { column, weightOf } from '../../src/app/learn/tutorial.ts';
import { judgeRate } from '../../src/app/learn/verdict.ts';

const read = (query: string) => fromParams(new URLSearchParams(query));

describe('the address', () => {
  it('holds everything that was chosen', () => {
    const place: Place = {
      step: 'backward',
      hidden: 64,
      optimizer: 'adamw',
      batch: 937,
      digit: 63,
      unit: 40,
      pixel: 0,
      rate: 0.0002,
      label: 9,
      mistake: 23,
    };
    expect(fromParams(toParams(place))).toEqual(place);
    for (const step of STEP_NAMES) {
      expect(read(stepLink(place, step).split('?')[1]).step).toBe(step);
    }
  });

  it('says nothing of what is as at the start', () => {
    expect(toParams(START).toString()).toBe('');
    expect(stepLink(START, 'data')).toBe('#/learn');
    expect(stepLink(START, 'loss')).toBe('#/learn?step=loss');
  });

  it('leaves out what is unknown or impossible', () => {
    const nonsense =
      'step=nine&hidden=33&optimizer=magic&batch=938&digit=-1&unit=1.5&pixel=784&rate=0.3&label=x&mistake=1e9';
    expect(read(nonsense)).toEqual(START);
    expect(read('hidden=0')).toEqual(START);
    expect(read('hidden=132')).toEqual(START);
    expect(read('rate=Infinity&__proto__=1&constructor=2')).toEqual(START);
  });
});

describe('learning rates to choose from', () => {
  it('are 1, 2 and 5 times the powers of ten', () => {
    expect(RATES.slice(0, 4)).toEqual([0.0001, 0.0002, 0.0005, 0.001]);
    expect(RATES.at(-1)).toBe(10);
    expect(RATES).toContain(START.rate);
  });
});

describe('judgeRate', () => {
  it('calls a rate good if the loss falls well, even with a stumble', () => {
    expect(judgeRate([2.4, 2, 1.5, 1])).toBe('good');
    expect(judgeRate([2.4, 3, 1.5, 1])).toBe('good');
  });

  it('calls it too small if the loss hardly moves', () => {
    expect(judgeRate([2.4, 2.39, 2.38, 2.37])).toBe('too small');
  });

  it('calls it too large if the loss jumps and stays up, or is no number any more', () => {
    expect(judgeRate([2.4, 9, 4, 2.26])).toBe('too large');
    expect(judgeRate([2.4, 9, Number.POSITIVE_INFINITY, Number.NaN])).toBe('too large');
    expect(judgeRate([2.4, Number.NaN, Number.NaN, Number.NaN])).toBe('too large');
  });
});

describe('the weight that is looked at', () => {
  // Two units, three pixels.
  const dkernel0 = new Float32Array([0, 1, -3, 2, 1, -9]);
  const pass = { settings: { hidden: 2, optimizer: 'sgd' }, tensors: { dkernel0 } } as unknown as Pass;

  it('is the one chosen, or the unit’s steepest', () => {
    expect([...column(dkernel0, 2, 1)]).toEqual([1, 2, -9]);
    expect(weightOf(pass, { unit: 0, pixel: 2 })).toEqual({ unit: 0, pixel: 2, index: 4 });
    expect(weightOf(pass, { unit: 0, pixel: -1 })).toEqual({ unit: 0, pixel: 1, index: 2 });
    expect(weightOf(pass, { unit: 1, pixel: -1 })).toEqual({ unit: 1, pixel: 2, index: 5 });
  });

  it('belongs to the last unit if there are fewer than there were', () => {
    expect(weightOf(pass, { unit: 40, pixel: 1 })).toEqual({ unit: 1, pixel: 1, index: 3 });
  });
});
