// What every engine's executor promises beyond its kernels: limits are checked first, buffers come back as
// they were written, and several plans live side by side.
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Dataset } from '../../src/data/dataset.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { type OpenOptions, open } from '../../src/engine/open.ts';
import { InputError } from '../../src/errors.ts';
import { evaluate } from '../../src/evaluation/evaluation.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { initialParameters } from '../../src/network/initialisation.ts';
import { lower } from '../../src/network/lower.ts';
import { MAX_STEPS_PER_RUN, type Plan } from '../../src/network/plan.ts';
import { hash } from '../../src/network/random.ts';
import { DEFAULT_OPTIMIZERS } from '../../src/network/recipe.ts';
import { measure, measureWithLogits } from '../../src/training/measure.ts';
import { trainingSteps } from '../../src/training/schedule.ts';
import { train } from '../../src/training/trainer.ts';
import { writeParameters } from '../../src/training/transfer.ts';
import { planOf, prepared, RECIPE, smallMnist } from '../training/setup.ts';
import { gpuHost } from './gpu_host.ts';

let dataset: Dataset;
beforeAll(async () => {
  dataset = await smallMnist();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const ENGINES: Record<string, OpenOptions> = {
  'wasm with one thread': { backend: 'wasm', threads: 1 },
  'wasm with two threads': { backend: 'wasm', threads: 2, alwaysTogether: true },
  webgpu: { backend: 'webgpu' },
  tfjs: { backend: 'tfjs' },
};

async function withEngine<T>(options: OpenOptions, use: (engine: Engine) => Promise<T>): Promise<T> {
  const { engine } = await open(nodeHost(), options);
  try {
    return await use(engine);
  } finally {
    engine.dispose();
  }
}

describe.each(Object.entries(ENGINES))('%s', (_, options) => {
  it('counts on the device what evaluate() counts from the logits', () =>
    withEngine(options, async (engine) => {
      const plan = planOf(dataset, '784-32-10');
      const executor = await prepared(engine, plan, dataset);
      await writeParameters(executor, initialParameters(plan.network, 'he', 1));
      const measured = await measure(executor);
      const { measurement, logits } = await measureWithLogits(executor);
      expect(measurement).toEqual(measured);
      const evaluation = evaluate(logits, dataset.test, dataset.classes);
      expect(measured.confusion).toEqual(evaluation.confusion);
      expect(measured.accuracy).toBe(evaluation.accuracy);
      // float32 sums of up to 256 losses, against float64.
      expect(measured.loss).toBeCloseTo(evaluation.loss, 5);
    }));

  it('gives parameters back as they were written', () =>
    withEngine(options, async (engine) => {
      const plan = planOf(dataset, '784-7-10');
      const executor = await engine.prepare(plan);
      for (const name of ['kernel0', 'bias0', 'kernel1', 'bias1']) {
        const values = new Float32Array(plan.buffers[name].shape.reduce((a, b) => a * b)).map(
          (_, i) => (hash(1, 2, i) - 2 ** 31) / 2 ** 30,
        );
        await executor.write(name, values);
        expect(await executor.read(name)).toEqual(values);
      }
    }));

  it('refuses what does not fit a buffer, and works on', () =>
    withEngine(options, async (engine) => {
      const plan = planOf(dataset, '784-7-10');
      const executor = await prepared(engine, plan, dataset);
      const values = Float32Array.of(1, 2, 3, 4, 5, 6, 7);
      await executor.write('bias0', values);
      for (const [name, data, message] of [
        [
          'bias0',
          new Float32Array(8),
          'buffer "bias0": a Float32Array of 8 elements, expected a Float32Array of at most 7',
        ],
        [
          'bias0',
          new Uint32Array(7),
          'buffer "bias0": a Uint32Array of 7 elements, expected a Float32Array of at most 7',
        ],
        [
          'confusion',
          new Uint32Array(1e6),
          'buffer "confusion": a Uint32Array of 1000000 elements, expected a Uint32Array of at most 100',
        ],
        [
          'testLabels',
          new Uint8Array(2001),
          'buffer "testLabels": a Uint8Array of 2001 elements, expected a Uint8Array of at most 2000',
        ],
      ] as const) {
        await expect(executor.write(name, data)).rejects.toThrow(new InputError(message));
      }
      expect(await executor.read('bias0')).toEqual(values);
      const other = await prepared(engine, planOf(dataset, '784-3-10'), dataset);
      const { confusion } = await measure(other);
      expect(confusion.flat().reduce((a, b) => a + b)).toBe(2000);
    }));

  it('keeps two plans apart', () =>
    withEngine(options, async (engine) => {
      const plan = planOf(dataset, '784-16-10', { epochs: 1 });
      const alone = await train(await prepared(engine, plan, dataset));
      const first = await prepared(engine, plan, dataset);
      const second = await prepared(engine, planOf(dataset, '784-9-10', { epochs: 1 }, 5), dataset);
      const other = await train(second);
      const { stepLosses } = await train(first);
      expect(stepLosses).toEqual(alone.stepLosses);
      expect(other.stepLosses).not.toEqual(alone.stepLosses);
      second.dispose();
      first.dispose();
      expect((await train(await prepared(engine, plan, dataset))).stepLosses).toEqual(alone.stepLosses);
    }));
});

describe.each(['wasm', 'webgpu'] as const)('%s', (backend) => {
  it('refuses a run longer than its metrics', () =>
    withEngine({ backend, threads: 1 }, async (engine) => {
      const executor = await prepared(engine, planOf(dataset, '784-3-10', { batch: 1 }), dataset);
      const steps = trainingSteps({ ...RECIPE, batch: 1 }, 2000, 0, 0, MAX_STEPS_PER_RUN + 1);
      await expect(executor.run('train', steps)).rejects.toThrow(`at most ${MAX_STEPS_PER_RUN}`);
      expect(await executor.run('train', steps.slice(0, -1))).toHaveLength(2 * MAX_STEPS_PER_RUN);
    }));

  it('says so when it has no such buffer', () =>
    withEngine({ backend, threads: 1 }, async (engine) => {
      const executor = await engine.prepare(planOf(dataset, '784-3-10'));
      await expect(executor.write('kernel7', new Float32Array(1))).rejects.toThrow(
        'the plan has no buffer "kernel7"',
      );
      await expect(executor.read('kernel7')).rejects.toThrow('the plan has no buffer "kernel7"');
    }));
});

/** Within the limits of a network, but with AdamW's state and the activations of a batch more than 4 GiB. */
function hugePlan(): Plan {
  return lower({
    network: { widths: [784, 65_536, 3300, 10] },
    recipe: { ...RECIPE, optimizer: DEFAULT_OPTIMIZERS.adamw, batch: 2000 },
    seed: 1,
    samples: { train: 2000, test: 10_000 },
  });
}

describe('a plan that is too large', () => {
  it('is refused by wasm before anything is allocated', () =>
    withEngine({ backend: 'wasm', threads: 1 }, async (engine) => {
      const memory = vi.spyOn(WebAssembly, 'Memory');
      const refused = engine.prepare(hugePlan());
      await expect(refused).rejects.toThrow(InputError);
      await expect(refused).rejects.toThrow(
        /^the network and its data need \d{4} MB, the limit of a WASM memory is 4295 MB$/,
      );
      expect(memory).not.toHaveBeenCalled();
    }));

  it.each([
    ['maxBufferSize', { maxBufferSize: 2 ** 28, maxStorageBufferBindingSize: 2 ** 28 }],
    ['maxStorageBufferBindingSize', { maxBufferSize: 2 ** 29, maxStorageBufferBindingSize: 2 ** 28 }],
  ])('is refused by webgpu before anything is allocated, naming %s', async (name, limits) => {
    const created: unknown[] = [];
    const host = gpuHost({ limits, onDevice: (device) => created.push(vi.spyOn(device, 'createBuffer')) });
    const { engine } = await open(host, { backend: 'webgpu' });
    try {
      const refused = engine.prepare(hugePlan());
      await expect(refused).rejects.toThrow(InputError);
      await expect(refused).rejects.toThrow(
        `activations: ${4 * 2000 * (784 + 65_536 + 3300 + 12)} bytes are needed, this WebGPU device's ${name} is ${2 ** 28}`,
      );
      expect(created).toHaveLength(1);
      expect(created[0]).not.toHaveBeenCalled();
    } finally {
      engine.dispose();
    }
  });
});
