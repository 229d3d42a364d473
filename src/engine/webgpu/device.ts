// The adapter and its device: chosen, described, asked for all it has.
import { InputError } from '../../errors.ts';
import type { Host } from '../host.ts';

export interface Device {
  /** Held so that it outlives the device. */
  readonly gpu: GPU;
  readonly device: GPUDevice;
  /** In words: "nvidia hopper NVIDIA H100". */
  readonly name: string;
  readonly software: boolean;
}

/** Vulkan drivers that run shaders on the processor. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render/i;

/** Used where the adapter has them, never required. */
const WANTED_FEATURES: readonly GPUFeatureName[] = ['timestamp-query', 'shader-f16'];

/** @throws InputError with the reason if there is no WebGPU here */
export async function openDevice(host: Host): Promise<Device> {
  const gpu = await host.gpu();
  if (typeof gpu === 'string') throw new InputError(gpu);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new InputError('WebGPU finds no adapter (graphics driver) here');
  const { info } = adapter;
  const words = [info.vendor, info.architecture, info.device, info.description].filter(Boolean).join(' ');
  const name = words || (info.isFallbackAdapter ? 'a software adapter' : 'an adapter without a name');
  const { limits } = adapter;
  const device = await adapter.requestDevice({
    requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
    },
  });
  return { gpu, device, name, software: info.isFallbackAdapter || SOFTWARE.test(name) };
}

/** Waits for the device. Firefox looks at its own every 100 ms only, unless something is submitted. */
export async function awaitDevice(device: GPUDevice, work: Promise<undefined>): Promise<void> {
  const settled = work.then(() => true);
  while (!(await Promise.race([settled, afterMilliseconds(1)]))) device.queue.submit([]);
}

function afterMilliseconds(milliseconds: number): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, false));
}
