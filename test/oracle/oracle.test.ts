// The oracle itself: its gradients against finite differences of its own loss, which no backward kernel takes
// part in.
import { describe, expect, it } from 'vitest';
import { initialParameters } from '../../src/network/initialisation.ts';
import { lower } from '../../src/network/lower.ts';
import { buffersOf, type Plan } from '../../src/network/plan.ts';
import { hash, naturalOrder, toUnit } from '../../src/network/random.ts';
import { DEFAULT_OPTIMIZERS, type Recipe } from '../../src/network/recipe.ts';
import { Oracle } from '../../src/oracle/oracle.ts';

const ROWS = 6;
const recipe: Recipe = {
  name: 'differences',
  epochs: 1,
  batch: ROWS,
  optimizer: DEFAULT_OPTIMIZERS.sgd,
  learningRate: 0.1,
  schedule: { kind: 'constant' },
  initialisation: 'he',
  dropout: 0,
  labelSmoothing: 0,
};
const step = {
  rows: ROWS,
  first: 0,
  number: 3,
  slot: 0,
  learningRate: 0.1,
  correction1: 1,
  correction2: 1,
  distortion: 0,
};

/** A plan of the training's forward and backward kernels without the updates. */
function gradientPlan(widths: number[], changes: Partial<Recipe>): Plan {
  const samples = { train: ROWS, test: 0 };
  const plan = lower({ network: { widths }, recipe: { ...recipe, ...changes }, seed: 5, samples });
  const train = plan.calls.train.filter(({ kernel }) => kernel !== 'sgd' && kernel !== 'adamw');
  return { ...plan, calls: { ...plan.calls, train } };
}

function prepared(plan: Plan): Oracle {
  const oracle = new Oracle(plan);
  const pixels = ROWS * plan.network.widths[0];
  const classes = plan.network.widths.at(-1)!;
  oracle.write(
    'trainImages',
    Uint8Array.from({ length: pixels }, (_, i) => hash(1, 2, i) >>> 24),
  );
  oracle.write(
    'trainLabels',
    Uint8Array.from({ length: ROWS }, (_, i) => hash(1, 3, i) % classes),
  );
  oracle.write('trainOrder', naturalOrder(ROWS));
  for (const [name, data] of Object.entries(initialParameters(plan.network, 'he', 5)))
    oracle.write(name, data);
  // Biases start at zero; here they must matter.
  for (const name of buffersOf(plan, 'parameter').filter((each) => each.startsWith('bias'))) {
    const bias = oracle.read(name);
    for (let i = 0; i < bias.length; i++) bias[i] = toUnit(hash(1, 4, i)) - 0.5;
  }
  return oracle;
}

/** The batch's mean loss, which the gradients are of. */
function loss(oracle: Oracle): number {
  return oracle.run('train', [step])[0] / ROWS;
}

describe('the oracle', () => {
  it.each([
    { widths: [4, 3], changes: {} },
    { widths: [5, 7, 3], changes: {} },
    { widths: [6, 8, 5, 4], changes: { labelSmoothing: 0.1 } },
    { widths: [6, 9, 7, 3], changes: { dropout: 0.3, labelSmoothing: 0.2 } },
  ])('has the gradients of its loss: $widths $changes', ({ widths, changes }) => {
    const plan = gradientPlan(widths, changes);
    const oracle = prepared(plan);
    loss(oracle);
    const parameters = buffersOf(plan, 'parameter');
    const gradients = new Map(parameters.map((name) => [name, oracle.read(`d${name}`).slice()]));
    // Central differences: truncation of h², rounding of 2⁻⁵²/h; both below 1e-9 here.
    const h = 1e-5;
    for (const name of parameters) {
      const values = oracle.read(name);
      for (let i = 0; i < values.length; i++) {
        const value = values[i];
        values[i] = value + h;
        const above = loss(oracle);
        values[i] = value - h;
        const below = loss(oracle);
        values[i] = value;
        expect(Math.abs((above - below) / (2 * h) - gradients.get(name)![i]), `${name}[${i}]`).toBeLessThan(
          1e-8,
        );
      }
    }
  });

  it('loses ln(classes) where all logits are equal', () => {
    const plan = gradientPlan([4, 8], {});
    const oracle = prepared(plan);
    oracle.read('kernel0').fill(0);
    oracle.read('bias0').fill(0.25);
    expect(loss(oracle)).toBeCloseTo(Math.log(8), 14);
  });

  it('strays by about a float32 rounding when it is perturbed, and the same way for the same seed', () => {
    const plan = gradientPlan([6, 9, 3], {});
    const gradient = (perturb?: number) => {
      const oracle = new Oracle(plan, { perturb });
      const exact = prepared(plan);
      for (const name of Object.keys(plan.buffers)) oracle.write(name, exact.read(name));
      oracle.run('train', [step]);
      return oracle.read('dkernel0');
    };
    const exact = gradient();
    const largest = (other: typeof exact) => Math.max(...Array.from(exact, (v, i) => Math.abs(v - other[i])));
    expect(largest(gradient(1))).toBeGreaterThan(1e-10);
    expect(largest(gradient(1))).toBeLessThan(1e-6);
    expect(gradient(1)).toEqual(gradient(1));
    expect(gradient(1)).not.toEqual(gradient(2));
  });
});
