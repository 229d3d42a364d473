// A kept run, as tests of what is made of it need one.
import { defaultValues } from '../../src/app/model/form.ts';
import type { KeptRun } from '../../src/app/storage/kept_runs.ts';
import { RECIPES } from '../../src/training/recipes.ts';

interface Told extends Partial<Omit<KeptRun, 'report' | 'curves'>> {
  readonly accuracy?: number;
  readonly seconds?: number;
  /** Training images. */
  readonly train?: number;
}

export function run({ accuracy = 0.9, seconds = 1, train = 60_000, ...told }: Told = {}): KeptRun {
  const lines = { epoch: [], train: [], test: [] };
  return {
    id: '1-2-3-4',
    name: 'a run',
    created: 0,
    values: { ...defaultValues() },
    curves: { loss: lines, accuracy: lines },
    ...told,
    report: {
      schema: 'mnist-kernels/train@1',
      environment: { runtime: '', userAgent: '', backend: 'wasm', adapter: '', threads: 1, simd: 'simd' },
      network: '784-128-10',
      recipe: RECIPES.quick.recipe,
      seed: 1,
      batch: 64,
      dataset: { name: 'MNIST', train, test: 10_000 },
      epochs: [],
      seconds,
      stopped: false,
      keptEpoch: 2,
      stepLosses: [],
      test: { accuracy, loss: 0.1, confusion: [] },
      parameters: { count: 1, sha256: null },
    },
  };
}
