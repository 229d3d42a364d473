// Autotuning: every product of a plan is timed in every tiling, once for an adapter, and the fastest is what
// then runs.
import { expect, it } from 'vitest';
import { openWebgpu } from '../../src/engine/webgpu/engine.ts';
import { TILINGS } from '../../src/engine/webgpu/kernels/tiles.ts';
import { trainingSteps } from '../../src/training/schedule.ts';
import { planOf, prepared, RECIPE, smallMnist } from '../training/setup.ts';
import { gpuHost } from './gpu_host.ts';

function hostWith(entries: { [key: string]: string }) {
  const tuning = {
    read: async () => ({ ...entries }),
    write: async (next: { readonly [key: string]: string }) => void Object.assign(entries, next),
  };
  return { ...gpuHost({}), tuning };
}

it('times each shape once and remembers the fastest tiling', { timeout: 240_000 }, async () => {
  const entries: { [key: string]: string } = {};
  const dataset = await smallMnist();
  const plan = planOf(dataset, '784-20-10');
  const first = await openWebgpu(hostWith(entries), { autotune: true });
  try {
    await first.prepare(plan);
    // The first layer of both phases, and the weight gradients of both layers.
    expect(first.tuning?.map(({ shape }) => shape)).toEqual([
      'gather_dense_forward 784→20, 64 rows',
      'dense_backward_weight 20→10, 784→20, 64 rows',
      'gather_dense_forward 784→20, 192 rows',
    ]);
    for (const { shape, milliseconds, chosen } of first.tuning!) {
      const all = TILINGS.filter((tiling) => tiling !== 'split' || shape.includes('forward'));
      expect(Object.keys(milliseconds)).toEqual(all);
      expect(milliseconds[chosen]).toBe(Math.min(...Object.values(milliseconds)));
    }
    expect(Object.values(entries)).toEqual(first.tuning!.map(({ chosen }) => chosen));
    await first.prepare(plan);
    expect(first.tuning).toHaveLength(3);
  } finally {
    first.dispose();
  }

  // Whatever is remembered is what runs, whether it was the fastest or not.
  for (const key of Object.keys(entries)) entries[key] = '32x32';
  const second = await openWebgpu(hostWith(entries), { autotune: true });
  try {
    const executor = await prepared(second, plan, dataset);
    expect(second.tuning).toHaveLength(0);
    const [step] = trainingSteps(RECIPE, 2000, 0, 0, 1);
    const times = await executor.profile!('train', step);
    expect(times!.filter(({ kernel }) => kernel.includes('dense')).map(({ variant }) => variant)).toEqual([
      '32x32',
      '32x32',
    ]);
  } finally {
    second.dispose();
  }
});
