// WebGPU on the processor, by the Vulkan driver that Chromium brings along (SwiftShader): for tests and
// validation on machines without a GPU.
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findBrowser } from './find_browser.ts';

/** Device files of a GPU on Linux; elsewhere the driver is asked. */
const GPU_DEVICES = /^(renderD\d+|nvidia\d+|dxg)$/;

/** Whether this is a Linux without a GPU. */
export function lacksGpu(): boolean {
  if (process.platform !== 'linux') return false;
  const names = ['/dev', '/dev/dri'].flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []));
  return !names.some((name) => GPU_DEVICES.test(name));
}

/** The driver's description for Vulkan's loader. */
export function swiftShader(): string | undefined {
  try {
    const driver = join(dirname(realpathSync(findBrowser('chromium'))), 'vk_swiftshader_icd.json');
    return [driver, '/usr/lib/chromium/vk_swiftshader_icd.json'].find(existsSync);
  } catch {
    return undefined;
  }
}

/**
 * For Dawn, in Node as in Chromium. SwiftShader compiles a store for each word of workgroup memory that Vulkan
 * is to fill with zeros, ten times the code of a product; without this feature the shader fills it in a loop.
 */
export const SOFTWARE_DAWN_FLAG =
  'disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension';

/** Milliseconds: a turn of the event loop that takes less has found nothing to do. */
const IDLE_TURN = 0.05;
const REST = 0.2;

/**
 * Rests between looks at the driver. Node's WebGPU asks it in every turn of the event loop whether it is done,
 * which takes a whole processor from the driver's threads.
 */
export function restWhilePolling(): void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  let last = 0;
  const turn = () => {
    if (performance.now() - last < IDLE_TURN) Atomics.wait(never, 0, 0, REST);
    last = performance.now();
    setImmediate(turn).unref();
  };
  setImmediate(turn).unref();
}
