// lower(): a plan whose calls fit the kernel table, in an order in which every value is there before it is
// read.
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.ts';
import { ACTIVATION_CODES } from '../../src/network/activation.ts';
import { kernelSpec } from '../../src/network/kernels.ts';
import { type LowerOptions, lower } from '../../src/network/lower.ts';
import {
  buffersOf,
  type KernelCall,
  MAX_STEPS_PER_RUN,
  PHASES,
  type Phase,
  type Plan,
  sizeOf,
} from '../../src/network/plan.ts';
import { STREAM } from '../../src/network/random.ts';
import { DEFAULT_OPTIMIZERS, type Recipe } from '../../src/network/recipe.ts';
import { countParameters } from '../../src/network/spec.ts';

const RECIPE: Recipe = {
  name: 'test',
  epochs: 2,
  batch: 64,
  optimizer: DEFAULT_OPTIMIZERS.sgd,
  learningRate: 0.1,
  schedule: { kind: 'constant' },
  initialisation: 'he',
  dropout: 0,
  labelSmoothing: 0,
};

const OPTIONS: LowerOptions = {
  network: { widths: [784, 128, 10] },
  recipe: RECIPE,
  seed: 3,
  samples: { train: 1000, test: 500 },
};

const regularised: Recipe = {
  ...RECIPE,
  optimizer: DEFAULT_OPTIMIZERS.adamw,
  dropout: 0.2,
  labelSmoothing: 0.1,
};

const PLANS: readonly [string, LowerOptions][] = [
  ['784-128-10 with sgd', OPTIONS],
  ['784-64-32-10 with AdamW', { ...OPTIONS, network: { widths: [784, 64, 32, 10] }, recipe: regularised }],
  ['a single layer', { ...OPTIONS, network: { widths: [20, 3] } }],
  ['a batch larger than the test set', { ...OPTIONS, recipe: { ...RECIPE, batch: 900 } }],
  ['no training samples', { ...OPTIONS, samples: { train: 0, test: 7 } }],
  ['no test samples', { ...OPTIONS, samples: { train: 64, test: 0 } }],
];

const isUpdate = ({ kernel }: KernelCall) => kernel === 'sgd' || kernel === 'adamw';
const callsOf = (plan: Plan, kernel: string) => plan.calls.train.filter((call) => call.kernel === kernel);

/** Buffers that a call reads and writes. */
function accesses(call: KernelCall): { reads: string[]; writes: string[] } {
  const operands = Object.entries(kernelSpec(call.kernel).operands);
  const named = (...kinds: string[]) =>
    operands.filter(([, { access }]) => kinds.includes(access)).map(([name]) => call.operands[name]);
  return { reads: named('read', 'update'), writes: named('write', 'update') };
}

function expectShapeFits(plan: Plan, options: LowerOptions, phase: Phase, call: KernelCall): void {
  const { operands, constants } = kernelSpec(call.kernel);
  expect(Object.keys(call.operands).toSorted()).toEqual(Object.keys(operands).toSorted());
  expect(Object.keys(call.constants).toSorted()).toEqual(Object.keys(constants).toSorted());
  for (const [name, operand] of Object.entries(operands)) {
    const buffer = plan.buffers[call.operands[name]];
    expect(buffer, `${call.kernel} ${name}`).toBeDefined();
    expect(buffer.type).toBe(operand.type);
    if (operand.shape.join() === 'count') {
      expect(sizeOf(buffer)).toBe(call.constants.count);
      continue;
    }
    expect(buffer.shape).toHaveLength(operand.shape.length);
    for (const [axis, dimension] of operand.shape.entries()) {
      const extent = buffer.shape[axis];
      if (dimension === 'rows') expect(extent).toBeGreaterThanOrEqual(plan.batch[phase]);
      else if (dimension === 'samples')
        expect(extent).toBe(options.samples[phase === 'train' ? 'train' : 'test']);
      else if (dimension === 'slots') expect(extent).toBe(MAX_STEPS_PER_RUN);
      else if (dimension === 'two') expect(extent).toBe(2);
      else expect(extent, `${call.kernel} ${name} ${dimension}`).toBe(call.constants[dimension]);
    }
  }
}

describe.each(PLANS)('the plan of %s', (_, options) => {
  const plan = lower(options);

  it('binds every operand to a buffer of its type and shape', () => {
    for (const phase of PHASES) {
      for (const call of plan.calls[phase]) expectShapeFits(plan, options, phase, call);
    }
  });

  it('writes every scratch buffer once a step, before it is read', () => {
    for (const phase of PHASES) {
      const written = new Set<string>();
      for (const call of plan.calls[phase]) {
        const { reads, writes } = accesses(call);
        for (const name of reads.filter((each) => plan.buffers[each].role === 'scratch')) {
          expect(written, `${call.kernel} reads ${name}`).toContain(name);
        }
        for (const name of writes.filter((each) => plan.buffers[each].role === 'scratch')) {
          expect(written, `${call.kernel} writes ${name} again`).not.toContain(name);
          written.add(name);
        }
      }
    }
  });

  it('updates every parameter once a step, after everything that reads it', () => {
    const { train } = plan.calls;
    const updated = train.filter(isUpdate).map(({ operands }) => operands.parameter);
    expect(updated.toSorted()).toEqual(train.length > 0 ? buffersOf(plan, 'parameter').toSorted() : []);
    for (const [index, call] of train.entries()) {
      if (!isUpdate(call)) continue;
      const later = train
        .slice(index + 1)
        .filter((other) => accesses(other).reads.includes(call.operands.parameter));
      expect(later.map(({ kernel }) => kernel)).toEqual([]);
    }
  });

  it('updates a parameter from its own gradient and its own state', () => {
    const states: string[] = [];
    for (const call of plan.calls.train.filter(isUpdate)) {
      const { parameter, gradient, ...state } = call.operands;
      expect(gradient).toBe(`d${parameter}`);
      expect(plan.buffers[parameter].role).toBe('parameter');
      states.push(...Object.values(state));
    }
    expect(states.toSorted()).toEqual(buffersOf(plan, 'state').toSorted());
  });

  it('does not change parameters or state when it evaluates', () => {
    for (const call of plan.calls.evaluate) {
      for (const name of accesses(call).writes) expect(plan.buffers[name].role).toMatch(/scratch|result/);
    }
  });

  it('is plain data', () => {
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  it('has no buffer that nothing uses', () => {
    const used = new Set(
      PHASES.flatMap((phase) => plan.calls[phase].flatMap(({ operands }) => Object.values(operands))),
    );
    const always = ['metrics', 'confusion', ...buffersOf(plan, 'parameter')];
    expect(Object.keys(plan.buffers).filter((name) => !used.has(name) && !always.includes(name))).toEqual([]);
  });
});

describe('lower', () => {
  it('propagates gradients back to the first layer and no further', () => {
    const plan = lower({ ...OPTIONS, network: { widths: [784, 64, 32, 10] } });
    expect(
      callsOf(plan, 'dense_backward_input').map(({ operands }) => [operands.dx, operands.kernel]),
    ).toEqual([
      ['dactivation2', 'kernel2'],
      ['dactivation1', 'kernel1'],
    ]);
    expect(callsOf(plan, 'dense_backward_weight').map(({ operands }) => [operands.x, operands.dy])).toEqual([
      ['activation2', 'dactivation3'],
      ['activation1', 'dactivation2'],
      ['activation0', 'dactivation1'],
    ]);
  });

  it('activates hidden layers only', () => {
    const { relu, tanh, linear } = ACTIVATION_CODES;
    const codesOf = (recipe: Recipe) =>
      lower({ ...OPTIONS, recipe, network: { widths: [784, 64, 32, 10] } }).calls.train.flatMap(
        ({ kernel, constants }) => (kernel === 'dense_forward' ? [constants.activation] : []),
      );
    expect(codesOf(RECIPE)).toEqual([relu, relu, linear]);
    expect(codesOf({ ...RECIPE, activation: 'tanh' })).toEqual([tanh, tanh, linear]);
  });

  it('drops out and smooths in training only, never at the logits, each layer with its own stream', () => {
    const plan = lower({ ...OPTIONS, recipe: regularised });
    const constants = (phase: Phase, kernel: string) =>
      plan.calls[phase].filter((call) => call.kernel === kernel).map((call) => call.constants);
    const [hidden, output] = constants('train', 'dense_forward');
    expect(hidden).toMatchObject({
      dropped: Math.round(0.2 * 2 ** 24),
      keptScale: 1 / 0.8,
      seed: 3,
      stream: STREAM.dropout,
    });
    expect(output).toMatchObject({ dropped: 0, keptScale: 1, stream: STREAM.dropout + 1 });
    expect(constants('evaluate', 'dense_forward').map(({ dropped }) => dropped)).toEqual([0, 0]);
    expect(constants('train', 'softmax_cross_entropy')[0]).toEqual({
      classes: 10,
      classWeight: 0.01,
      labelWeight: 0.9,
    });
    expect(constants('evaluate', 'softmax_cross_entropy')[0]).toMatchObject({
      classWeight: 0,
      labelWeight: 1,
    });
    expect(constants('train', 'dense_backward_input')[0].scale).toBe(1 / (1 - 0.2));
  });

  it('decays kernels and never biases', () => {
    const decays = lower({ ...OPTIONS, recipe: regularised })
      .calls.train.filter(isUpdate)
      .map(({ operands, constants }) => [operands.parameter.replace(/\d/, ''), constants.weightDecay]);
    expect(new Set(decays.map(String))).toEqual(new Set(['kernel,0.01', 'bias,0']));
  });

  it('has parameters and state in the number that the network counts', () => {
    const plan = lower({ ...OPTIONS, recipe: regularised });
    const sum = (...roles: Parameters<typeof buffersOf>[1][]) =>
      buffersOf(plan, ...roles).reduce((total, name) => total + sizeOf(plan.buffers[name]), 0);
    expect(sum('parameter')).toBe(countParameters(plan.network));
    expect(sum('state')).toBe(2 * countParameters(plan.network));
  });

  it('has no training buffers without training samples', () => {
    const plan = lower({ ...OPTIONS, samples: { train: 0, test: 500 } });
    expect(plan.calls.train).toEqual([]);
    expect(plan.batch.train).toBe(0);
    expect(Object.keys(plan.buffers).filter((name) => /^(train|dkernel|dbias|velocity)/.test(name))).toEqual(
      [],
    );
  });

  it('evaluates in steps of as many rows as the engine likes, fewer of a network as wide as a buffer', () => {
    const evaluated = (widths: number[], test: number, evaluationBatch?: number) =>
      lower({ ...OPTIONS, network: { widths }, samples: { train: 0, test }, evaluationBatch }).batch.evaluate;
    expect(evaluated([784, 128, 10], 10_000)).toBe(192);
    expect(evaluated([784, 128, 10], 10_000, 2048)).toBe(2048);
    expect(evaluated([784, 128, 10], 100, 2048)).toBe(100);
    const wide = evaluated([784, 20_000, 10], 10_000, 2048);
    expect(wide).toBeGreaterThan(192);
    expect(4 * wide * (784 + 20_000 + 10)).toBeLessThanOrEqual(64 * 1024 ** 2);
    expect(evaluated([784, 65_536, 2, 65_536, 10], 10_000, 2048)).toBe(192);
  });

  it('refuses a batch larger than the training set, and takes one as large', () => {
    const ask = (train: number) => () => lower({ ...OPTIONS, samples: { train, test: 10 } });
    expect(ask(63)).toThrow(new InputError('batch of 64: expected at most the 63 training samples'));
    expect(ask(64)().batch.train).toBe(64);
  });

  it.each([-1, 1.5, 2 ** 32, Number.NaN])('refuses the seed %d', (seed) => {
    expect(() => lower({ ...OPTIONS, seed })).toThrow(InputError);
    expect(() => lower({ ...OPTIONS, seed })).toThrow(/^seed /);
  });

  it('refuses the network and the recipe that their own checks refuse', () => {
    expect(() => lower({ ...OPTIONS, network: { widths: [784, 1e9, 10] } })).toThrow(
      /1000000000 units.*65536/,
    );
    expect(() => lower({ ...OPTIONS, recipe: { ...RECIPE, learningRate: Number.NaN } })).toThrow(
      /^recipe, learningRate: .*NaN$/,
    );
  });
});
