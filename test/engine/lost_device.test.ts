// A WebGPU device that goes away in the middle of a training: one clear error, at once.
import { describe, expect, it } from 'vitest';
import { buildOf } from '../../src/engine/engine.ts';
import { open } from '../../src/engine/open.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import type { TrainEvent } from '../../src/jobs/job.ts';
import { runTrainJob } from '../../src/jobs/train.ts';
import { train } from '../../src/training/trainer.ts';
import { planOf, prepared, RECIPE, smallMnist } from '../training/setup.ts';
import { gpuHost, REAL_GPU } from './gpu_host.ts';

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

describe('a training job whose device is lost after an epoch', () => {
  const network = '784-16-10';

  /** Loses the first device in the second epoch, once there is a snapshot of the first. */
  async function runLosing(backend: 'auto' | 'webgpu') {
    const devices: GPUDevice[] = [];
    // A name that is no software's, or auto passes the device over.
    const host = gpuHost({ info: REAL_GPU, onDevice: (device) => devices.push(device) });
    const events: TrainEvent[] = [];
    const dataset = await smallMnist();
    const job = { backend, threads: 1, network, recipe: { ...RECIPE, epochs: 3 }, seed: 1 };
    const onEvent = (event: TrainEvent) => {
      events.push(event);
      if (event.kind === 'progress' && event.progress.epoch === 2) devices[0].destroy();
    };
    return { outcome: await runTrainJob(job, dataset, host, { onEvent }), events };
  }

  it('goes on with WASM as if nothing had happened', async () => {
    const { outcome, events } = await runLosing('auto');
    const { report } = outcome;
    expect(events.find(({ kind }) => kind === 'lost')).toMatchObject({ goesOn: true });
    expect(report).toMatchObject({ stopped: false, keptEpoch: 3, environment: { backend: 'wasm' } });
    expect(report.deviceLost).toMatch(LOST);
    const to = buildOf(report.environment);
    expect(events).toContainEqual({ kind: 'moved', from: [expect.stringMatching(/^webgpu /)], to });
    expect(report.builds).toEqual([expect.stringMatching(/^webgpu /), to]);
    const job = { backend: 'wasm', threads: 1, network, recipe: { ...RECIPE, epochs: 3 }, seed: 1 } as const;
    const alone = await runTrainJob(job, await smallMnist(), nodeHost());
    expect(report.stepLosses).toHaveLength(alone.report.stepLosses.length);
    // Two engines round differently: about 1e-6 in 96 steps.
    for (const [i, loss] of report.stepLosses.entries())
      expect(loss).toBeCloseTo(alone.report.stepLosses[i], 4);
  });

  it('keeps the last finished epoch where WebGPU was asked for by name', async () => {
    const { outcome, events } = await runLosing('webgpu');
    expect(events.find(({ kind }) => kind === 'lost')).toMatchObject({ goesOn: false });
    expect(outcome.report).toMatchObject({ stopped: true, environment: { backend: 'wasm' } });
    expect(outcome.report.keptEpoch).toBeGreaterThanOrEqual(1);
    expect(outcome.report.deviceLost).toMatch(LOST);
    expect(outcome.evaluation.accuracy).toBeGreaterThan(0.5);
  });
});
