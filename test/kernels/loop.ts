// What `npm run kernel` does after each change: one kernel on all its shapes against the oracle.

import type { Engine } from '../../src/engine/engine.ts';
import { WasmEngine } from '../../src/engine/wasm/engine.ts';
import { openWebgpu } from '../../src/engine/webgpu/engine.ts';
import { tilingsOf } from '../../src/engine/webgpu/select.ts';
import { messageOf } from '../../src/errors.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { KERNEL_NAMES, type KernelName } from '../../src/network/kernels.ts';
import { casesOf } from '../../src/validation/cases.ts';
import { checkKernel } from '../../src/validation/check_kernel.ts';
import { compileKernel } from './compile.ts';

export const KERNELS: readonly string[] = KERNEL_NAMES;
export const ENGINES = ['wasm', 'webgpu'] as const;

/** Prints a line for each engine, and for each tiling of a product. */
export async function checkOnce(name: string, engines: readonly string[]): Promise<void> {
  const kernel = name as KernelName;
  if (engines.includes('wasm'))
    await report(
      'wasm simd',
      kernel,
      async () => new WasmEngine(nodeHost(), 'simd', await compileKernel(kernel), 1),
    );
  if (!engines.includes('webgpu')) return;
  const tilings = tilingsOf(kernel);
  for (const tiling of tilings.length > 0 ? tilings : [undefined])
    await report(['webgpu', tiling].filter(Boolean).join(' '), kernel, () =>
      openWebgpu(nodeHost(), { tiling }),
    );
}

async function report(backend: string, kernel: KernelName, open: () => Promise<Engine>): Promise<void> {
  const begin = performance.now();
  const seconds = () => `${((performance.now() - begin) / 1000).toFixed(1)} s`;
  let engine: Engine | undefined;
  try {
    engine = await open();
    let share = 0;
    for (const kernelCase of casesOf(kernel)) {
      const result = await checkKernel(engine, backend, kernelCase);
      share = Math.max(share, result.share);
      if (result.pass) continue;
      const { shape, maxAbsError, tolerance } = result;
      console.log(
        `${backend}: ${kernel} ${shape} is off by ${maxAbsError.toExponential(1)}, allowed are ${tolerance.toExponential(1)} (${seconds()})`,
      );
      return;
    }
    console.log(
      `${backend}: ${kernel} is within its bounds on ${casesOf(kernel).length} shapes, at most ${(100 * share).toFixed(0)} % of one (${seconds()})`,
    );
  } catch (error) {
    console.log(`${backend}: ${messageOf(error)}`);
  } finally {
    engine?.dispose();
  }
}
