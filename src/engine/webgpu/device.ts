// The device: asked for all that its adapter has.
import { type Adapter, findAdapter } from '../adapter.ts';
import type { Host } from '../host.ts';

export interface Device extends Omit<Adapter, 'adapter'> {
  readonly device: GPUDevice;
}

/** Used where the adapter has them, never required. */
const WANTED_FEATURES: readonly GPUFeatureName[] = ['timestamp-query', 'shader-f16'];

/** @throws InputError with the reason if there is no WebGPU here */
export async function openDevice(host: Host): Promise<Device> {
  const { adapter, ...found } = await findAdapter(host);
  const { limits } = adapter;
  const device = await adapter.requestDevice({
    requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
    },
  });
  return { ...found, device };
}

/** Waits for the device. Firefox looks at its own every 100 ms only, unless something is submitted. */
export async function awaitDevice(device: GPUDevice, work: Promise<undefined>): Promise<void> {
  const settled = work.then(() => true);
  while (!(await Promise.race([settled, afterMilliseconds(1)]))) device.queue.submit([]);
}

function afterMilliseconds(milliseconds: number): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, false));
}
