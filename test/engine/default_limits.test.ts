// WebGPU with no more than what every device has (https://www.w3.org/TR/webgpu/#limits), as Safari on a phone
// may have it: 16 KiB of workgroup memory, 256 invocations of a workgroup, 8 storage buffers of a stage.
import { describe, expect, it } from 'vitest';
import type { Host } from '../../src/engine/host.ts';
import { openWebgpu, type WebgpuOptions } from '../../src/engine/webgpu/engine.ts';
import type { Tiling } from '../../src/engine/webgpu/kernels/tiles.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { buffersOf } from '../../src/network/plan.ts';
import { DEFAULT_OPTIMIZERS } from '../../src/network/recipe.ts';
import { RECIPES } from '../../src/training/recipes.ts';
import { trainingSteps } from '../../src/training/schedule.ts';
import { planOf, prepared, smallMnist } from '../training/setup.ts';
import { gpuHost } from './gpu_host.ts';

const DEFAULTS = {
  maxBufferSize: 2 ** 28,
  maxStorageBufferBindingSize: 2 ** 27,
  maxComputeWorkgroupStorageSize: 16_384,
};

const dataset = await smallMnist();
/** Between them every kernel that a training on WebGPU has. */
const PLANS = [
  planOf(dataset, '784-70-20-10', {
    batch: 16,
    optimizer: DEFAULT_OPTIMIZERS.adamw,
    dropout: 0.2,
    distortion: RECIPES.standard.recipe.distortion,
  }),
  planOf(dataset, '784-16-10', { batch: 16 }),
];

/** A step of each plan; of the first alone where it is staged, which takes its time. @returns all metrics and parameters */
async function trained(host: Host, options: WebgpuOptions): Promise<number[]> {
  const engine = await openWebgpu(host, options);
  const values: number[] = [];
  try {
    for (const plan of options.tiling === 'registers' ? PLANS : PLANS.slice(0, 1)) {
      const executor = await prepared(engine, plan, dataset);
      values.push(...(await executor.run('train', trainingSteps(plan.recipe, dataset.train.count, 0, 0, 1))));
      for (const name of buffersOf(plan, 'parameter')) values.push(...(await executor.read(name)));
    }
  } finally {
    engine.dispose();
  }
  return values;
}

/** By tiling, on a device with all that its adapter has. */
const references = new Map<Tiling, Promise<number[]>>();

function reference(tiling: Tiling): Promise<number[]> {
  const known = references.get(tiling) ?? trained(nodeHost(), { tiling });
  references.set(tiling, known);
  return known;
}

describe('a device with the default limits', { timeout: 240_000 }, () => {
  const limited = () => {
    const devices: GPUDevice[] = [];
    return { devices, host: gpuHost({ limits: DEFAULTS, onDevice: (device) => devices.push(device) }) };
  };

  // Of the staged tilings those that take the most workgroup memory.
  it.each(['registers', '128x128', 'split'] as const)(
    'computes in the tiling %s what any other does',
    async (tiling) => {
      const { devices, host } = limited();
      const values = await trained(host, { tiling });
      expect(devices[0].limits.maxComputeWorkgroupStorageSize).toBe(DEFAULTS.maxComputeWorkgroupStorageSize);
      expect(devices[0].limits.maxStorageBuffersPerShaderStage).toBeLessThanOrEqual(10);
      expect(devices[0].limits.maxComputeInvocationsPerWorkgroup).toBe(256);
      expect(values.every(Number.isFinite)).toBe(true);
      expect(values).toEqual(await reference(tiling));
    },
  );

  it('of a GPU has the variants that it would have with more', async () => {
    const gpu = {
      vendor: 'apple',
      architecture: 'metal-3',
      device: '',
      description: '',
      isFallbackAdapter: false,
    };
    const values = await trained(gpuHost({ limits: DEFAULTS, info: gpu }), {});
    expect(values).toEqual(await trained(gpuHost({ info: gpu }), {}));
  });
});
