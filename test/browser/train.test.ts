// The recipe `quick` in real browsers, and the same training on WebGPU in a browser as on WASM in Node.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runInBrowser } from '../../src/cli/browser/run_in_browser.ts';
import { type Dataset, limitTraining } from '../../src/data/dataset.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import type { TrainJob } from '../../src/jobs/job.ts';
import { runTrainJob } from '../../src/jobs/train.ts';
import { initialParameters } from '../../src/network/initialisation.ts';
import { lower } from '../../src/network/lower.ts';
import { shuffledOrder } from '../../src/network/random.ts';
import { parseNetwork } from '../../src/network/spec.ts';
import { Oracle } from '../../src/oracle/oracle.ts';
import { findRecipe } from '../../src/training/recipes.ts';
import { stepsPerEpoch, trainingSteps } from '../../src/training/schedule.ts';
import { runWell } from '../cli/run_cli.ts';
import { expectTrainReport } from '../cli/train_report.ts';
import { RUNTIMES } from './runtimes.ts';
import { TESTED_BROWSERS } from './setup.ts';

const MINUTES = 60_000;
const MNIST = { kind: 'mnist' } as const;
const { network, recipe } = findRecipe('quick');

/** Shortened, as software WebGPU is slow, and at a rate at which rounding does not grow by itself. */
const SHORT = {
  network,
  recipe: { ...recipe, epochs: 1, batch: 64, learningRate: 0.004 },
  seed: 1,
  trainLimit: 3000,
} as const satisfies Omit<TrainJob, 'backend'>;

let mnist: Dataset;
beforeAll(async () => {
  mnist = await loadMnistNode();
});

/**
 * The training's step losses in float64; with `perturb`, with errors as float32 makes them in every kernel.
 */
function oracleLosses(perturb?: number): number[] {
  const { train } = limitTraining(mnist, SHORT.trainLimit);
  const plan = lower({ ...SHORT, network: parseNetwork(network), samples: { train: train.count, test: 0 } });
  const oracle = new Oracle(plan, { perturb });
  const initial = initialParameters(plan.network, recipe.initialisation, SHORT.seed);
  for (const [name, values] of Object.entries(initial)) oracle.write(name, values);
  oracle.write('trainImages', train.images);
  oracle.write('trainLabels', train.labels);
  oracle.write('trainOrder', shuffledOrder(SHORT.seed, 0, train.count));
  const steps = trainingSteps(SHORT.recipe, train.count, 0, 0, stepsPerEpoch(SHORT.recipe, train.count));
  const metrics = oracle.run('train', steps);
  return steps.map(({ rows, slot }) => metrics[2 * slot] / rows);
}

function greatestDifference(a: readonly number[], b: readonly number[]): number {
  expect(b).toHaveLength(a.length);
  return Math.max(...a.map((value, i) => Math.abs(value - b[i])));
}

// In WebKit memory to share, and relaxed SIMD with it, are switched on for more than one thread only.
describe.each([
  ...RUNTIMES.map(
    (runtime) => [runtime, 2, runtime === 'webkit' ? 'relaxed-simd unfused' : 'relaxed-simd'] as const,
  ),
  ...RUNTIMES.filter((runtime) => runtime === 'webkit').map((runtime) => [runtime, 1, 'simd'] as const),
])('in %s with threads: %i', (runtime, threads, simd) => {
  it('the command line trains quick to 97.6 %, and evaluates', { timeout: 5 * MINUTES }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-browser-'));
    try {
      const [model, json] = [join(folder, 'model'), join(folder, 'json')];
      const where = ['--runtime', runtime, '--backend', 'wasm', '--threads', String(threads), '--json', json];
      await runWell('train', ...where, '--out', model);
      const report = JSON.parse(readFileSync(json, 'utf8'));
      expectTrainReport(report, recipe.epochs, 10);
      expect(report.environment.runtime).toMatch(new RegExp(`^${runtime} `));
      expect(report.environment).toMatchObject({ backend: 'wasm', simd, threads });
      expect(report.test.accuracy).toBeGreaterThanOrEqual(0.976);
      expect(report.seconds).toBeGreaterThan(
        report.epochs.reduce((sum: number, { seconds }: { seconds: number }) => sum + seconds, 0),
      );
      if (runtime !== 'chromium') return;
      await runWell('evaluate', ...where, '--model', model);
      const evaluated = JSON.parse(readFileSync(json, 'utf8'));
      expect(evaluated.environment.runtime).toBe(report.environment.runtime);
      expect(evaluated.test.accuracy).toBe(report.test.accuracy);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a training of 3000 images', () => {
  let onWasm: readonly number[];
  let bound: number;
  beforeAll(async () => {
    const { report } = await runTrainJob({ ...SHORT, backend: 'wasm', threads: 1 }, mnist, nodeHost());
    onWasm = report.stepLosses;
    // As in src/validation/trajectories.ts: a correct engine stays within four times the distance between the
    // exact oracle and one whose every kernel errs as float32 does; two engines stay within twice that of
    // each other.
    bound = 2 * 4 * greatestDifference(oracleLosses(), oracleLosses(1));
  }, 2 * MINUTES);

  it('has a bound that a learning rate off by a thousandth exceeds', async () => {
    const off = { ...SHORT.recipe, learningRate: 1.001 * SHORT.recipe.learningRate };
    const { report } = await runTrainJob(
      { ...SHORT, recipe: off, backend: 'wasm', threads: 1 },
      mnist,
      nodeHost(),
    );
    expect(bound).toBeGreaterThan(0);
    expect(greatestDifference(report.stepLosses, onWasm)).toBeGreaterThan(bound);
  });

  it.each(TESTED_BROWSERS)(
    'has the same losses on WebGPU in %s as on WASM in Node',
    { timeout: 5 * MINUTES },
    async (runtime) => {
      const job = { kind: 'train', backend: 'webgpu', ...SHORT } as const;
      const { report } = await runInBrowser(job, { runtime, dataset: MNIST });
      expect(report.environment.backend).toBe('webgpu');
      expect(greatestDifference(report.stepLosses, onWasm)).toBeLessThan(bound);
      expect(report.test.accuracy).toBeGreaterThan(0.8);
    },
  );
});
