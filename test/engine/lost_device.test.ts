// A WebGPU device that goes away in the middle of a training: one clear error, at once.
import { expect, it } from 'vitest';
import { open } from '../../src/engine/open.ts';
import { train } from '../../src/training/trainer.ts';
import { planOf, prepared, smallMnist } from '../training/setup.ts';
import { gpuHost } from './gpu_host.ts';

const LOST = /^the WebGPU device was lost \(\w+\): [^\n]*$/;

it('ends the training and everything after it', { timeout: 20_000 }, async () => {
  const devices: GPUDevice[] = [];
  const { engine } = await open(gpuHost({ onDevice: (device) => devices.push(device) }), {
    backend: 'webgpu',
  });
  const dataset = await smallMnist();
  const executor = await prepared(engine, planOf(dataset, '784-128-10', { epochs: 1000 }), dataset);
  const training = train(executor, {
    onProgress: ({ step }) => {
      // The next run is then under way.
      if (step >= 3) setTimeout(() => devices[0].destroy(), 5);
    },
  });
  await expect(training).rejects.toThrow(LOST);
  await expect(executor.run('evaluate', [])).rejects.toThrow(LOST);
  await expect(executor.read('kernel0')).rejects.toThrow(LOST);
  await expect(executor.write('kernel0', new Float32Array(4))).rejects.toThrow(LOST);
  executor.dispose();
  engine.dispose();
});

it('does not take the closing of an engine for a loss', async () => {
  const dataset = await smallMnist();
  for (let round = 0; round < 2; round++) {
    const { engine } = await open(gpuHost({}), { backend: 'webgpu' });
    const executor = await prepared(engine, planOf(dataset, '784-8-10', { epochs: 1 }), dataset);
    const { epochs } = await train(executor);
    expect(epochs).toHaveLength(1);
    engine.dispose();
    await expect(executor.run('evaluate', [])).rejects.toThrow(/^the WebGPU device was closed$/);
  }
});
