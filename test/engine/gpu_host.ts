// Node's WebGPU with a hand in it: tests see each device that an engine opens, and may relabel its adapter or
// lower its limits. The adapter and the device stay the real ones.

import type { Host } from '../../src/engine/host.ts';
import { nodeHost } from '../../src/hosts/node.ts';

/** What the adapter of a real GPU may say: it names no driver that computes on the processor. */
export const REAL_GPU = {
  vendor: 'acme',
  architecture: 'one',
  device: '',
  description: '',
  isFallbackAdapter: false,
};

export interface GpuChanges {
  /** What the adapter says of itself. */
  readonly info?: Partial<GPUAdapterInfo>;
  /** Limits below the adapter's own. */
  readonly limits?: {
    readonly maxBufferSize: number;
    readonly maxStorageBufferBindingSize: number;
    readonly maxComputeWorkgroupStorageSize?: number;
  };
  /** Called with each device before the engine has it. */
  readonly onDevice?: (device: GPUDevice) => unknown;
}

export function gpuHost({ info, limits, onDevice }: GpuChanges): Host {
  return {
    ...nodeHost(),
    async gpu() {
      const gpu = await nodeHost().gpu();
      if (typeof gpu === 'string') throw new Error(`these tests need WebGPU in Node: ${gpu}`);
      const requestAdapter = async (options?: GPURequestAdapterOptions) => {
        const adapter = await gpu.requestAdapter(options);
        if (!adapter) throw new Error('these tests need a WebGPU adapter (a Vulkan driver) in Node');
        return {
          info: { ...plain(adapter.info), ...info },
          features: adapter.features,
          limits: limits ?? adapter.limits,
          requestDevice: async (descriptor?: GPUDeviceDescriptor) => {
            const device = await adapter.requestDevice(descriptor);
            onDevice?.(device);
            return device;
          },
        };
      };
      return { requestAdapter } as unknown as GPU;
    },
  };
}

function plain({ vendor, architecture, device, description, isFallbackAdapter }: GPUAdapterInfo) {
  return { vendor, architecture, device, description, isFallbackAdapter };
}
