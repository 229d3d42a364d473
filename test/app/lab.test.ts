// The tutorial's lab: what it reads out of the kernels against the float64 oracle, and that looking changes
// nothing.
import { beforeAll, describe, expect, it } from 'vitest';
import { Lab, type Pass } from '../../src/app/learn/lab.ts';
import { BATCH, type LabSettings, labPlan } from '../../src/app/learn/lab_plan.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { initialParameters } from '../../src/network/initialisation.ts';
import { shuffledOrder } from '../../src/network/random.ts';
import { Oracle } from '../../src/oracle/oracle.ts';
import { trainingSteps } from '../../src/training/schedule.ts';
import { SAMPLES, smallMnist } from '../training/setup.ts';

const SGD: LabSettings = { hidden: 12, optimizer: 'sgd' };
const ADAMW: LabSettings = { hidden: 12, optimizer: 'adamw' };

let dataset: Dataset;
beforeAll(async () => {
  dataset = await smallMnist();
});

const openLab = () => Lab.open(nodeHost(), dataset);

/** The lab's plan on the oracle, with the same data and initial weights. */
function oracleOf(lab: Lab, settings: LabSettings): Oracle {
  const plan = labPlan(settings, lab.data());
  const oracle = new Oracle(plan);
  oracle.write('trainImages', dataset.train.images);
  oracle.write('trainLabels', dataset.train.labels);
  oracle.write('trainOrder', shuffledOrder(plan.seed, 0, SAMPLES));
  for (const [name, values] of Object.entries(initialParameters(plan.network, 'he', plan.seed)))
    oracle.write(name, values);
  return oracle;
}

function stepOf({ plan }: Oracle, batch: number, learningRate: number) {
  return { ...trainingSteps(plan.recipe, SAMPLES, 0, batch, 1)[0], number: 0, learningRate };
}

/** Farthest apart, as a share of the largest number. */
function apart(actual: Float32Array, expected: ArrayLike<number>): number {
  const scale = actual.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0) / (scale || 1);
}

/** What differs as soon as anything was changed. */
const trace = ({ loss, correct, steps, tensors: { kernel0, bias1 } }: Pass) => ({
  loss,
  correct,
  steps,
  kernel0: Buffer.from(kernel0.buffer).toString('base64'),
  bias1: [...bias1],
});

const indexOf = (pixel: number, unit: number) => pixel * SGD.hidden + unit;

describe('a pass', () => {
  it('shows what the kernels compute, as the oracle does', async () => {
    const lab = await openLab();
    const oracle = oracleOf(lab, SGD);
    // At first biases are 0, which proves little.
    await lab.update(SGD, 0, 0.1, 2);
    for (const batch of [0, 1]) oracle.run('train', [stepOf(oracle, batch, 0.1)]);
    const { tensors, loss, correct, indices, digits, targets } = await lab.pass(SGD, 3);
    const [lossSum, hits] = oracle.run('train', [stepOf(oracle, 3, 0)]);
    for (const [name, values] of Object.entries(tensors)) {
      // A sum of 784 products in float32: some 784 · 2⁻²⁴ of the largest at worst.
      expect(apart(values, oracle.read(name)), name).toBeLessThan(5e-5);
    }
    expect(loss).toBeCloseTo(lossSum / BATCH, 5);
    expect(correct).toBe(hits);
    expect(indices).toEqual([...shuffledOrder(1, 0, SAMPLES).subarray(3 * BATCH, 4 * BATCH)]);
    expect(targets).toEqual(indices.map((index) => dataset.train.labels[index]));
    expect(digits.map(({ pixels }) => pixels)).toEqual(
      indices.map((index) => dataset.train.images.slice(index * 784, (index + 1) * 784)),
    );
  });

  it('has only the rows that are left in the last batch of an epoch', async () => {
    const lab = await openLab();
    const pass = await lab.pass(SGD, Math.floor(SAMPLES / BATCH));
    expect(pass.digits.length).toBe(SAMPLES % BATCH);
    expect(pass.tensors.activation2.length).toBe(10 * (SAMPLES % BATCH));
    expect(pass.loss).toBeGreaterThan(1.8);
    expect(pass.loss).toBeLessThan(3.5);
  });
});

describe('a difference', () => {
  it('has the slope that dense_backward_weight computes', async () => {
    const lab = await openLab();
    const { tensors } = await lab.pass(SGD, 0);
    const corner = indexOf(0, 3);
    let straight = 0;
    for (const weight of [406, 300, 461]
      .flatMap((pixel) => [0, 5, 11].map((unit) => indexOf(pixel, unit)))
      .concat(corner)) {
      const { slope, bends, lossAbove, lossBelow, h } = await lab.difference(SGD, 0, weight);
      if (bends > 0) continue;
      straight++;
      // Losses are good to about 1e-9: float32 logits, averaged over the batch.
      expect(Math.abs(slope - tensors.dkernel0[weight])).toBeLessThan(5e-6);
      expect(slope).toBeCloseTo((lossAbove - lossBelow) / (2 * h), 5);
    }
    expect(straight).toBeGreaterThan(5);
    expect(Math.abs(tensors.dkernel0[indexOf(406, 0)])).toBeGreaterThan(1e-3);
    expect(tensors.dkernel0[corner]).toBe(0);
  });

  it('counts the images at which the loss bends in between', async () => {
    const lab = await openLab();
    // A weight whose pixel is inked in an image that brings its unit next to 0.
    const { weight, batch } = await bendingWeight(lab);
    expect((await lab.difference(SGD, batch, weight)).bends).toBeGreaterThan(0);
  });
});

async function bendingWeight(lab: Lab): Promise<{ weight: number; batch: number }> {
  for (let batch = 0; batch < 31; batch++) {
    const { tensors, digits } = await lab.pass(SGD, batch);
    for (let row = 0; row < digits.length; row++) {
      const x = tensors.activation0.subarray(row * 784, (row + 1) * 784);
      const pixel = x.indexOf(Math.max(...x));
      for (let unit = 0; unit < SGD.hidden; unit++) {
        const sum = x.reduce((total, value, i) => total + value * tensors.kernel0[indexOf(i, unit)], 0);
        if (Math.abs(sum) < 0.5 / 1024) return { weight: indexOf(pixel, unit), batch };
      }
    }
  }
  throw new Error('no unit is near 0');
}

describe('an update', () => {
  it('is w − rate·dw with plain SGD, and the next batch’s after that', async () => {
    const lab = await openLab();
    const before = await lab.pass(SGD, 5);
    await lab.update(SGD, 5, 0.5, 1);
    const after = await lab.pass(SGD, 5);
    const expected = before.tensors.kernel0.map((w, i) => w - 0.5 * before.tensors.dkernel0[i]);
    expect(apart(after.tensors.kernel0, expected)).toBeLessThan(1e-6);
    expect(after.loss).toBeLessThan(before.loss);
    expect(after.steps).toBe(1);

    const oracle = oracleOf(lab, SGD);
    for (const batch of [5, 6, 7]) oracle.run('train', [stepOf(oracle, batch, 0.5)]);
    await lab.update(SGD, 6, 0.5, 2);
    const { tensors, steps } = await lab.pass(SGD, 5);
    expect(apart(tensors.kernel0, oracle.read('kernel0'))).toBeLessThan(1e-4);
    expect(steps).toBe(3);
  });

  it('goes on with the first batch after the last one', async () => {
    const lab = await openLab();
    await lab.update(SGD, 31, 0.1, 2);
    const oracle = oracleOf(lab, SGD);
    for (const batch of [31, 0]) oracle.run('train', [stepOf(oracle, batch, 0.1)]);
    const { tensors } = await lab.pass(SGD, 0);
    expect(apart(tensors.kernel0, oracle.read('kernel0'))).toBeLessThan(1e-4);
  });

  it('is the same to the bit whether or not one looks in between', async () => {
    const [looking, blind] = await Promise.all([openLab(), openLab()]);
    for (let batch = 0; batch < 3; batch++) {
      await looking.pass(ADAMW, batch);
      await looking.difference(ADAMW, batch, indexOf(406, 0));
      await looking.tryRates(ADAMW, batch, [1, 0.001], 4);
      await looking.update(ADAMW, batch, 0.01, 1);
      await blind.update(ADAMW, batch, 0.01, 1);
    }
    expect(trace(await looking.pass(ADAMW, 0))).toEqual(trace(await blind.pass(ADAMW, 0)));
  });

  it('is undone by a reset, and by another network', async () => {
    const lab = await openLab();
    const initial = await lab.pass(SGD, 0);
    const learn = async () => {
      await lab.update(SGD, 0, 0.1, 10);
      expect((await lab.pass(SGD, 0)).loss).toBeLessThan(initial.loss);
    };
    await learn();
    lab.reset();
    expect(trace(await lab.pass(SGD, 0))).toEqual(trace(initial));
    await learn();
    expect((await lab.pass({ ...SGD, hidden: 4 }, 0)).tensors.activation1.length).toBe(4 * BATCH);
    expect(trace(await lab.pass(SGD, 0))).toEqual(trace(initial));
  });
});

describe('rates', () => {
  it('are tried from the same weights, on the same batch', async () => {
    const lab = await openLab();
    const { loss } = await lab.pass(SGD, 2);
    const [small, good, large] = await lab.tryRates(SGD, 2, [0.001, 0.1, 10], 20);
    for (const course of [small, good, large]) {
      expect(course.length).toBe(21);
      expect(course[0]).toBe(loss);
    }
    expect(small[20]).toBeLessThan(small[0]);
    expect(good[20]).toBeLessThan(0.8 * small[20]);
    expect(Math.max(...large)).toBeGreaterThan(2 * loss);

    await lab.update(SGD, 2, 0.1, 1);
    expect((await lab.pass(SGD, 2)).loss).toBe(good[1]);
  });
});

describe('the training', () => {
  it('tells how it goes, and hands out the mistakes with their images', async () => {
    const lab = await openLab();
    const kinds = new Set<string>();
    const { report, evaluation, mistakes } = await lab.train(({ kind }) => kinds.add(kind));
    expect([...kinds]).toEqual(expect.arrayContaining(['engine', 'progress', 'epoch']));
    expect(report.network).toBe('784-128-10');
    expect(evaluation.accuracy).toBeGreaterThan(0.75);
    expect(mistakes.length).toBe(evaluation.mistakes.length);
    const { index } = evaluation.mistakes[0];
    expect(mistakes[0].pixels).toEqual(dataset.test.images.slice(index * 784, (index + 1) * 784));
  });
});
