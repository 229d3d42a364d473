// What a training is gone on with, held against its plan before anything of it is used.
import { expect, it } from 'vitest';
import { InputError } from '../../src/errors.ts';
import { buffersOf, sizeOf } from '../../src/network/plan.ts';
import { checkSnapshot } from '../../src/training/check_beginning.ts';
import type { Snapshot } from '../../src/training/events.ts';
import { planOf, smallMnist } from './setup.ts';

const plan = planOf(await smallMnist(), '784-8-10');
const epoch = {
  trainLoss: 1,
  trainAccuracy: 0.5,
  testLoss: 1,
  testAccuracy: 0.5,
  seconds: 1,
  imagesPerSecond: 1,
};
const whole: Snapshot = {
  epochs: [
    { ...epoch, epoch: 1 },
    { ...epoch, epoch: 2 },
  ],
  // 31 batches of 64 and one of 16.
  stepLosses: new Array<number>(2 * 32).fill(1),
  curve: [],
  seconds: 2,
  buffers: Object.fromEntries(
    buffersOf(plan, 'parameter', 'state').map((name) => [name, new Float32Array(sizeOf(plan.buffers[name]))]),
  ),
};

it('takes one that is whole', () => {
  expect(() => checkSnapshot(whole, plan)).not.toThrow();
});

const { kernel0, bias1, ...rest } = whole.buffers;

it.each<[string, Partial<Snapshot>, RegExp]>([
  ['a tensor is missing', { buffers: { bias1, ...rest } }, /"kernel0" has 0 numbers, expected 6272$/],
  [
    'a tensor is short',
    { buffers: { ...whole.buffers, kernel0: kernel0.slice(1) } },
    /"kernel0" has 6271 numbers, expected 6272$/,
  ],
  [
    'a number is none',
    { buffers: { ...whole.buffers, bias1: bias1.with(3, Number.NaN) } },
    /"bias1" has NaN at index 3$/,
  ],
  [
    'a tensor has no place',
    { buffers: { ...whole.buffers, kernel7: kernel0 } },
    /"kernel7" has no place in this training$/,
  ],
  ['there are too many epochs', { epochs: new Array(4).fill(whole.epochs[0]) }, /not the first of 3$/],
  ['an epoch is left out', { epochs: [whole.epochs[1]] }, /not the first of 3$/],
  [
    'a step is left out',
    { stepLosses: whole.stepLosses.slice(1) },
    /63 losses of steps, expected 64 of 2 epochs$/,
  ],
])('refuses one where %s', (_, change, message) => {
  const check = () => checkSnapshot({ ...whole, ...change }, plan);
  expect(check).toThrow(InputError);
  expect(check).toThrow(message);
});
