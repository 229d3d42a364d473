// The comparison as data: which engines differ here, what an address says, and what the events make of the
// rows.
import { describe, expect, it } from 'vitest';
import {
  checkCompare,
  choicesOf,
  chosenEngines,
  fitted,
  fromCompareParams,
  hiddenChanges,
  toCompareParams,
  withRecipe,
} from '../../src/app/compare/compare_form.ts';
import { stepsToCsv } from '../../src/app/compare/comparison_csv.ts';
import {
  baselineOf,
  begun,
  received,
  speedText,
  summaryOf,
  titleOf,
} from '../../src/app/compare/live_comparison.ts';
import type { Availability } from '../../src/engine/open.ts';
import type { CompareEvent, EntrantReport } from '../../src/jobs/job.ts';
import type { EpochReport } from '../../src/training/events.ts';

const SHAPE = { name: 'MNIST', width: 28, height: 28, classes: 10, train: 60_000, test: 10_000 };

const wasm = (threads: number): Availability => ({
  backend: 'wasm',
  info: { backend: 'wasm', adapter: 'WASM simd', threads, simd: 'simd', software: false },
});
const gpu = (software: boolean): Availability => ({
  backend: 'webgpu',
  info: { backend: 'webgpu', adapter: 'a GPU', threads: 1, simd: 'none', software },
});
const NO_GPU: Availability = { backend: 'webgpu', unavailable: 'this browser has no WebGPU' };

const read = (address: string) => fromCompareParams(new URLSearchParams(address));

function jobOf(address: string, found?: readonly Availability[]) {
  const checked = checkCompare(read(address), SHAPE, found);
  if ('problem' in checked) throw new Error(checked.problem.message);
  return checked.job;
}

describe('the address of a comparison', () => {
  it('is a short training when it says nothing', () => {
    const job = jobOf('');
    expect(job).toMatchObject({ network: '784-128-10', trainLimit: 10_000, seed: 1, recipe: { epochs: 2 } });
    expect(job.entrants).toEqual([
      { name: 'wasm', engine: { backend: 'wasm' } },
      { name: 'tfjs-wasm', engine: { backend: 'tfjs' } },
    ]);
  });

  it('says what to run, and ignores engines that there are not', () => {
    const job = jobOf(
      'engines=tfjs-webgpu,abacus,wasm-1&network=784-10&batch=100&seed=7&trainImages=&epochs=3&backend=webgpu',
    );
    expect(job).toMatchObject({ network: '784-10', seed: 7, recipe: { batch: 100, epochs: 3 } });
    expect(job.trainLimit).toBeUndefined();
    expect(job.entrants).toEqual([
      { name: 'wasm-1', engine: { backend: 'wasm', threads: 1 } },
      { name: 'tfjs-webgpu', engine: { backend: 'tfjs', tfjsBackend: 'webgpu' } },
    ]);
  });

  it.each([
    '',
    'engines=wasm,tfjs-wasm&baseline=tfjs-wasm&epochs=9&learningRate=0.02',
    'trainImages=&network=784-10&seed=3',
  ])('comes back as it was: %s', (address) =>
    expect(fromCompareParams(toCompareParams(read(address)))).toEqual(read(address)),
  );

  it('tells what it changed that the form does not show', () => {
    expect(hiddenChanges(read('learningRate=0.02&batch=32&network=784-10'))).toEqual(['learningRate 0.02']);
  });
});

describe('the engines of a comparison', () => {
  it('are this browser’s fastest and the reference until someone chooses', () => {
    expect(chosenEngines(read(''), [gpu(false), wasm(4)])).toEqual(['webgpu', 'wasm', 'tfjs-wasm']);
    expect(chosenEngines(read(''), [gpu(true), wasm(4)])).toEqual(['wasm', 'tfjs-wasm']);
    expect(chosenEngines(read('engines=wasm-1'), [gpu(false), wasm(4)])).toEqual(['wasm-1']);
  });

  it('have one WASM where it has one thread anyway', () => {
    const found = [NO_GPU, wasm(1)];
    expect(choicesOf(found).map(({ name }) => name)).not.toContain('wasm-1');
    expect(chosenEngines(read('engines=wasm-1,wasm,tfjs-wasm'), found)).toEqual(['wasm', 'tfjs-wasm']);
    expect(chosenEngines(read('engines=wasm-1,tfjs-wasm'), found)).toEqual(['wasm', 'tfjs-wasm']);
  });

  it('say their device, or why they cannot run', () => {
    const choices = choicesOf([NO_GPU, wasm(4)]);
    expect(choices.map(({ name, unavailable }) => [name, unavailable])).toEqual([
      ['webgpu', true],
      ['wasm', false],
      ['wasm-1', false],
      ['tfjs-wasm', false],
      ['tfjs-webgpu', true],
    ]);
    expect(choices[0].note).toBe('this browser has no WebGPU');
    expect(choices[1].note).toBe('simd, 4 threads');
    expect(choices[2].note).toBe('simd, 1 thread');
  });

  it('are two or more', () => {
    expect(checkCompare(read('engines=wasm'), SHAPE, undefined)).toMatchObject({
      problem: { field: 'engines' },
    });
  });
});

describe('the training of a comparison', () => {
  it('is refused with the field that is wrong', () => {
    expect(checkCompare(read('batch=many'), SHAPE, undefined)).toMatchObject({ problem: { field: 'batch' } });
    expect(checkCompare(read('trainImages=70000'), SHAPE, undefined)).toMatchObject({
      problem: { field: 'trainImages' },
    });
  });

  it('keeps its length and engines with another recipe', () => {
    const values = withRecipe(read('engines=wasm,webgpu&batch=7&epochs=5&network=784-10'), 'quick', SHAPE);
    expect(values.engines).toEqual(['webgpu', 'wasm']);
    expect(values.training).toMatchObject({ epochs: '5', batch: '128', network: '784-128-10' });
  });

  it('is made to fit another data set', () => {
    const { training } = fitted(read(''), { ...SHAPE, width: 4, height: 4, classes: 3, train: 90 });
    expect(training).toMatchObject({ network: '16-128-3', trainImages: '' });
  });
});

describe('a comparison as it goes', () => {
  const job = jobOf('engines=webgpu,wasm,tfjs-wasm&trainImages=128');
  const events: CompareEvent[] = [
    { kind: 'ended', entrant: 0, end: { failure: 'no GPU', stopped: false } },
    { kind: 'opened', entrant: 1, info: wasm(2).info! },
    { kind: 'steps', entrant: 1, losses: [2, 1], seconds: 1, share: 0.5 },
  ];
  const running = events.reduce(received, begun(job, SHAPE));

  it('holds engines against the first that has run, never against one that failed or has yet to begin', () => {
    const begin = begun(job, SHAPE);
    expect(baselineOf(begin, 'wasm')).toBeUndefined();
    expect(baselineOf(running, undefined)?.name).toBe('wasm');
    expect(baselineOf(running, 'webgpu')?.name).toBe('wasm');
    expect(baselineOf(running, 'tfjs-wasm')?.name).toBe('wasm');
    const baseline = baselineOf(running, undefined);
    expect(summaryOf(running.rows[1], running, baseline)).toMatchObject({
      ratio: 1,
      imagesPerSecond: 256,
      difference: null,
    });
    const later: CompareEvent = { kind: 'steps', entrant: 2, losses: [2.5], seconds: 2, share: 0.25 };
    const now = received(running, later);
    const summary = summaryOf(now.rows[2], now, baselineOf(now, undefined));
    expect(summary).toMatchObject({ ratio: 4, difference: { loss: 0.5, firstStep: 1 } });
  });

  it('holds them against the one that is asked for, parameters too, whichever came first', () => {
    const epoch = (entrant: number, parameterDifferences: (number | null)[]): CompareEvent => ({
      kind: 'epoch',
      entrant,
      report: { epoch: 1, testAccuracy: 0.5 } as EpochReport,
      parameterDifferences,
    });
    const steps = (entrant: number, losses: number[], seconds: number): CompareEvent => ({
      kind: 'steps',
      entrant,
      losses,
      seconds,
      share: 1,
    });
    const done = [
      steps(0, [2, 1], 4),
      epoch(0, []),
      steps(1, [2, 1.5], 1),
      epoch(1, [1e-3]),
      steps(2, [2, 1.25], 2),
      epoch(2, [2e-3, 3e-3]),
    ].reduce(received, begun(job, SHAPE));
    const against = (name: string) => {
      const baseline = baselineOf(done, name);
      return done.rows.map((row) => {
        const { ratio, difference } = summaryOf(row, done, baseline);
        return [ratio, difference?.loss, difference?.parameter];
      });
    };
    expect(against('webgpu')).toEqual([
      [1, undefined, undefined],
      [0.25, 0.5, 1e-3],
      [0.5, 0.25, 2e-3],
    ]);
    expect(against('wasm')).toEqual([
      [4, 0.5, 1e-3],
      [1, undefined, undefined],
      [2, 0.25, 3e-3],
    ]);
    expect(against('tfjs-wasm')).toEqual([
      [2, 0.25, 2e-3],
      [0.5, 0.25, 3e-3],
      [1, undefined, undefined],
    ]);
  });

  it.each([
    [1 / 11.94, '11.9× faster'],
    [3.21, '3.2× slower'],
    [0.5, '2.0× faster'],
    [1 / 123.4, '123× faster'],
    [4321, '4,321× slower'],
    [1.04, 'as fast'],
    [0.97, 'as fast'],
  ])('says of a ratio of %f: %s', (ratio, text) => expect(speedText(ratio)).toBe(text));

  it('knows how far it is', () => {
    expect(running.share).toBeCloseTo(1.5 / 3, 12);
    expect(titleOf(running)).toBe('784-128-10 on 128 images, 2 epochs');
  });
});

it('is a line a step in CSV, without engines that did none', () => {
  const entrant = (name: string, stepLosses: number[], stepSeconds: number[]) =>
    ({ name, stepLosses, stepSeconds, steps: stepLosses.length }) as unknown as EntrantReport;
  const csv = stepsToCsv([
    entrant('webgpu', [], []),
    entrant('wasm', [2, 1], [0.5, 1]),
    entrant('tfjs', [2], [3]),
  ]);
  expect(csv).toBe('step,wasm loss,wasm seconds,tfjs loss,tfjs seconds\n1,2,0.5,2,3\n2,1,1,,\n');
});
