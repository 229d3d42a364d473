// The host's WebGPU adapter: found, and described in words.
import { InputError } from '../errors.ts';
import type { Host } from './host.ts';

export interface Adapter {
  /** Held so that it outlives the adapter. */
  readonly gpu: GPU;
  readonly adapter: GPUAdapter;
  /** In words: "nvidia hopper NVIDIA H100". */
  readonly name: string;
  readonly software: boolean;
}

/** Vulkan drivers that run shaders on the processor. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render/i;

/** @throws InputError with the reason if there is no WebGPU here */
export async function findAdapter(host: Host): Promise<Adapter> {
  const gpu = await host.gpu();
  if (typeof gpu === 'string') throw new InputError(gpu);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new InputError('WebGPU finds no adapter (graphics driver) here');
  const { info } = adapter;
  const words = [info.vendor, info.architecture, info.device, info.description].filter(Boolean).join(' ');
  const name = words || (info.isFallbackAdapter ? 'a software adapter' : 'an adapter without a name');
  return { gpu, adapter, name, software: info.isFallbackAdapter || SOFTWARE.test(name) };
}

/**
 * For libraries that look for WebGPU in `navigator`: Node's has none, or there is no navigator at all. Some
 * look for its user agent as well.
 * @throws InputError with the reason if there is no WebGPU here
 */
export async function provideGpu(host: Host): Promise<Adapter> {
  const found = await findAdapter(host);
  const { gpu } = found;
  if (globalThis.navigator?.gpu) return found;
  if (globalThis.navigator) Object.defineProperty(navigator, 'gpu', { value: gpu });
  else Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'Node.js' } });
  return found;
}
