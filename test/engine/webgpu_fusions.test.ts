// What the WebGPU engine fuses, in every tiling, against the oracle: a few steps of awkward networks, every
// parameter, state and loss within what float32 rounding may do; and a planted error in each fused kernel is
// noticed.
import { afterAll, describe, expect, it } from 'vitest';
import type { Samples } from '../../src/data/dataset.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { toWgslCalls } from '../../src/engine/webgpu/fusions.ts';
import { TILINGS, type Tiling } from '../../src/engine/webgpu/kernels/tiles.ts';
import { initialParameters } from '../../src/network/initialisation.ts';
import { lower } from '../../src/network/lower.ts';
import { buffersOf, type Phase, type Plan } from '../../src/network/plan.ts';
import { hash, naturalOrder } from '../../src/network/random.ts';
import { DEFAULT_OPTIMIZERS, OPTIMIZERS, type Recipe } from '../../src/network/recipe.ts';
import { parseNetwork } from '../../src/network/spec.ts';
import { Oracle } from '../../src/oracle/oracle.ts';
import { evaluationRuns, trainingSteps } from '../../src/training/schedule.ts';
import { PlantableEngines } from './planted.ts';

const STEPS = 3;

/** Oracles that float32-sized errors disturb, each in its own way. */
const DRAWS = [1, 2, 3];

/** A draw is not the worst case, which all of them together stand for. */
const SAFETY = 4;

/**
 * Inputs that are and are not a multiple of 4, no hidden layer, more classes than a workgroup has
 * invocations.
 */
const NETWORKS = ['784-129-13-10', '784-37-10', '12-5-9-70', '13-20-10', '784-10', '20-9-300'];

const plans = new Map<string, Plan>();

/** The same plan each time. */
function planOf(network: string, optimizer: (typeof OPTIMIZERS)[number], batch: number): Plan {
  const key = `${network} ${optimizer} ${batch}`;
  const plan = plans.get(key) ?? makePlan(network, optimizer, batch);
  plans.set(key, plan);
  return plan;
}

function makePlan(network: string, optimizer: (typeof OPTIMIZERS)[number], batch: number): Plan {
  const recipe: Recipe = {
    name: 'fusions',
    epochs: 1,
    batch,
    optimizer: DEFAULT_OPTIMIZERS[optimizer],
    learningRate: 0.01,
    schedule: { kind: 'constant' },
    initialisation: 'he',
    dropout: 0.2,
    labelSmoothing: 0.1,
  };
  const samples = { train: STEPS * batch, test: 41 };
  return lower({ network: parseNetwork(network), recipe, seed: 5, samples });
}

function drawn({ network: { widths } }: Plan, count: number, seed: number): Samples {
  const pixel = (i: number) => (hash(seed, 0, i) % 3 === 0 ? hash(seed, 1, i) >>> 24 : 0);
  return {
    count,
    images: Uint8Array.from({ length: count * widths[0] }, (_, i) => pixel(i)),
    labels: Uint8Array.from({ length: count }, (_, i) => hash(seed, 2, i) % Math.min(256, widths.at(-1)!)),
  };
}

/** Writes a plan's data and executes both its phases. @returns every parameter, state and metric */
async function trace(
  plan: Plan,
  on: Pick<Oracle, 'write' | 'read' | 'run'> | Awaited<ReturnType<Engine['prepare']>>,
) {
  const [train, test] = [drawn(plan, plan.buffers.trainLabels.shape[0], 1), drawn(plan, 41, 2)];
  const data = {
    trainImages: train.images,
    trainLabels: train.labels,
    trainOrder: naturalOrder(train.count).reverse(),
    testImages: test.images,
    testLabels: test.labels,
    testOrder: naturalOrder(test.count),
    ...initialParameters(plan.network, 'he', 5),
  };
  for (const [name, values] of Object.entries(data)) await on.write(name, values);
  const steps = {
    train: trainingSteps(plan.recipe, train.count, 0, 0, STEPS),
    evaluate: evaluationRuns(41, 41)[0],
  };
  const values: number[] = [];
  for (const phase of ['train', 'evaluate'] as Phase[]) values.push(...(await on.run(phase, steps[phase])));
  for (const name of buffersOf(plan, 'parameter', 'state')) values.push(...(await on.read(name)));
  return values;
}

interface Expected {
  readonly exact: number[];
  /** By how much one of float32 may differ. */
  readonly allowed: number[];
}

const expectations = new Map<Plan, Promise<Expected>>();

/** What the oracle says of a plan, once for all tilings and errors. */
function expected(plan: Plan): Promise<Expected> {
  const known = expectations.get(plan) ?? expectedAnew(plan);
  expectations.set(plan, known);
  return known;
}

async function expectedAnew(plan: Plan): Promise<Expected> {
  const exact = await trace(plan, new Oracle(plan));
  const disturbed = await Promise.all(DRAWS.map((perturb) => trace(plan, new Oracle(plan, { perturb }))));
  return {
    exact,
    allowed: exact.map((value, i) => Math.max(...disturbed.map((draw) => Math.abs(draw[i] - value)))),
  };
}

/** The largest error as a share of what is allowed, over all values of one kind together. */
async function share(engine: Engine, plan: Plan): Promise<number> {
  const { exact, allowed } = await expected(plan);
  const metrics = 2 * (STEPS + 1);
  const executor = await engine.prepare(plan);
  try {
    const actual = await trace(plan, executor);
    // Parameters and states stray together: the bound of one is that of all.
    const worst = (from: number, to: number) => {
      const bound = SAFETY * allowed.slice(from, to).reduce((a, b) => Math.max(a, b), 2 ** -24);
      return actual.slice(from, to).reduce((max, v, i) => {
        const error = Math.abs(v - exact[from + i]);
        return error <= bound ? Math.max(max, error / bound) : Infinity;
      }, 0);
    };
    return Math.max(worst(0, metrics), worst(metrics, exact.length));
  } finally {
    executor.dispose();
  }
}

const engines = new PlantableEngines();
afterAll(() => engines.dispose());

describe.each(TILINGS)('%s', (tiling) => {
  it.each(NETWORKS)('%s', async (network) => {
    for (const optimizer of OPTIMIZERS) {
      for (const batch of [1, 7, 50])
        expect(await share(await engines.engine(tiling), planOf(network, optimizer, batch))).toBeLessThan(1);
    }
  });
});

it.each([
  ['784-128-10', 3],
  ['784-512-512-10', 5],
])('a step of %s takes %d dispatches', (network, dispatches) => {
  const { calls } = planOf(network, 'adamw', 128);
  expect(toWgslCalls(calls.train, 128, true)).toHaveLength(dispatches);
});

const MUTANTS: readonly {
  file: string;
  tiling: Tiling;
  what: string;
  from: string;
  to: string;
}[] = (
  [
    [
      'gather_dense_forward',
      '32x32',
      'a batch that begins one sample late',
      'order[step.first + min(row',
      'order[step.first + 1 + min(row',
    ],
    ['gather_dense_forward', '32x32', 'the wrong byte of a word', '(0, 8, 16, 24)', '(0, 8, 24, 16)'],
    ['gather_dense_forward', '32x32', 'x that is not kept', 'KEEP && group.x == 0)', 'false)'],
    ['gather_dense_forward', '32x32', 'a target of another row', 'targets[r] =', 'targets[r ^ 1] ='],
    ['gather_dense_forward_8x8', '64x64', 'x that is not kept', 'KEEP && group.x == 0)', 'false)'],
    ['gather_dense_forward_8x8', '64x64', 'a missing scale', ' * constants.scale', ''],
    ['gather_dense_forward_8x8', '64x64', 'a target of another row', 'targets[r] =', 'targets[r ^ 1] ='],
    ['gather_dense_forward_split', 'split', 'x that is not kept', 'KEEP && unit == 0', 'false'],
    ['gather_dense_forward_split', 'split', 'x of another row', 'keep(row + ROWS, x1', 'keep(row + ROWS, x0'],
    ['gather_dense_forward_split', 'split', 'a last quad left out', 'input < quads;', 'input + 1 < quads;'],
    ['gather_dense_forward_split', 'split', 'a slice left out', 'slice = 0u', 'slice = 1u'],
    [
      'gather_dense_forward_split',
      'split',
      'targets of the first rows',
      'local.z < 4 && row',
      'local.z < 1 && row',
    ],
    [
      'dense_forward',
      '32x32',
      'a row that is not filled up with zeros',
      'vec4f(), value, within',
      'vec4f(1), value, within',
    ],
    ['dense_backward_weight_8x8', '64x64', 'the first layer only', 'return layers[at];', 'return layers[0];'],
    ['dense_backward_weight_8x8', '64x64', 'a bias that decays', 'sum, 0.0)', 'sum, 2.0)'],
    ['gather_dense_forward_registers', 'registers', 'the wrong byte of a word', '(p3 >> 16)', '(p3 >> 8)'],
    [
      'gather_dense_forward_registers',
      'registers',
      'a missing scale',
      'store(sums[r] * constants.scale',
      'store(sums[r]',
    ],
    ['gather_dense_forward_registers', 'registers', 'x that is not kept', 'KEEP && r < last', 'false'],
    [
      'gather_dense_forward_registers',
      'registers',
      'a target of another row',
      'targets[row + r] =',
      'targets[(row + r) ^ 1] =',
    ],
    ['output_layer', '32x32', 'a missing bias', 'sum += parameters[constants.biasAt + c];', ''],
    ['output_layer', '32x32', 'a part left out', 's < SLICES', 's + 1 < SLICES'],
    ['output_layer', '32x32', 'a gradient that is not divided by the rows', '1.0 / f32(step.rows)', '1.0'],
    ['output_layer', '32x32', 'a loss without smoothing', ' - constants.classWeight * shifted', ''],
    [
      'output_layer',
      '32x32',
      'a missing derivative',
      'select(0.0, dy * (d * constants.scale), passes)',
      'dy * constants.scale',
    ],
    ['output_layer', '32x32', 'a missing scale of dropout', 'd * constants.scale', 'd'],
    ['output_layer', '32x32', 'a correct row too few', 'best == label));', 'best != label));'],
    [
      'output_layer_by_invocation',
      'registers',
      'a missing bias',
      'var sum = bias(c);',
      'var sum = mat2x4f();',
    ],
    [
      'output_layer_by_invocation',
      'registers',
      'a class left out',
      'c < classes; c += 8',
      'c + 8 < classes; c += 8',
    ],
    [
      'output_layer_by_invocation',
      'registers',
      'a missing derivative',
      'select(0.0, dy * (d * constants.scale), passes)',
      'dy * constants.scale',
    ],
    [
      'output_layer_by_invocation',
      'registers',
      'a loss without smoothing',
      ' - constants.classWeight * shifted',
      '',
    ],
    ['sum_metrics', 'registers', 'a row left out', 'r < rows', 'r + 1 < rows'],
    ['sum_metrics', 'registers', 'metrics of another slot', 'metrics[slot] = sum', 'metrics[slot ^ 1] = sum'],
    ['dense_backward_weight', '32x32', 'a bias that decays', 'sum, 0.0)', 'sum, 2.0)'],
    [
      'dense_backward_weight',
      '32x32',
      'a missing momentum',
      'constants.momentum * state1[at] + gradient',
      'gradient',
    ],
    [
      'dense_backward_weight',
      '32x32',
      'the wrong bias correction',
      'step.correction2 * v',
      'step.correction1 * v',
    ],
    ['dense_backward_weight', '32x32', 'the first layer only', 'return layers[at];', 'return layers[0];'],
    [
      'dense_backward_weight_registers',
      'registers',
      'a missing momentum',
      'constants.momentum * state1[at] + gradient',
      'gradient',
    ],
    [
      'dense_backward_weight_registers',
      'registers',
      'the wrong bias correction',
      'step.correction2 * v',
      'step.correction1 * v',
    ],
    [
      'dense_backward_weight_registers',
      'registers',
      'the first layer only',
      'return layers[at];',
      'return layers[0];',
    ],
  ] as const
).map(([file, tiling, what, from, to]) => ({ file, tiling, what, from, to }));

it.each(MUTANTS)('$file: $what is noticed', async (error) => {
  const noticed = await engines.withError(error, async (engine) => {
    for (const optimizer of OPTIMIZERS) {
      if (!((await share(engine, planOf('12-8-5-64-70', optimizer, 7))) < 1)) return true;
    }
    return false;
  });
  expect(noticed).toBe(true);
});
