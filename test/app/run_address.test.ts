// The address of a run: short, and enough to train it again.
import { describe, expect, it } from 'vitest';
import { defaultValues } from '../../src/app/model/form.ts';
import { paramsOfRun, trainingOf } from '../../src/app/model/run_address.ts';
import { run } from './kept_run.ts';

const reread = (params: URLSearchParams) => new URLSearchParams(params.toString());

describe('the address of a run', () => {
  it('holds of a run with all as it comes the seed alone', () => {
    expect(paramsOfRun(run()).toString()).toBe('run=1-2-3-4&seed=1');
  });

  it('brings the training back, with the images that judged it but not the sweep’s other values', () => {
    const changed = { ...defaultValues('standard'), seed: '7', batch: '32', backend: 'wasm' };
    const swept = { ...changed, rows: 'batch 32, 64', columns: 'epochs 1, 2' };
    const params = reread(paramsOfRun(run({ values: { ...swept }, holdOut: 10_000 })));
    expect(trainingOf(params)).toEqual({ id: '1-2-3-4', values: changed, holdOut: 10_000 });
    expect(params.has('rows')).toBe(false);
  });

  it.each([
    ['without a seed', 'run=1-2-3-4&network=784-10'],
    ['without a run', 'seed=3'],
    ['with an id that no page gives', `seed=3&run=${'1'.repeat(65)}`],
    ['with an id of other signs', 'seed=3&run=a/b'],
    ['with a number of images that is none', 'seed=3&run=1&holdOut=-5'],
  ])('%s describes no training', (_, address) => {
    expect(trainingOf(new URLSearchParams(address))).toBeUndefined();
  });
});
