// `validate` in real browsers: every kernel of every backend within its error bound, every training within
// its own. Chromium has the compilers and the driver of Node, where the kernels' tests take every shape: there
// one shape of each will do. How far tfjs is from the oracle is no browser's business; Firefox tells.
import { describe, expect, it } from 'vitest';
import { runInBrowser } from '../../src/cli/browser/run_in_browser.ts';
import { WASM_BUILDS } from '../../src/engine/wasm/builds.ts';
import { KERNEL_NAMES, type KernelName } from '../../src/network/kernels.ts';
import { casesOf } from '../../src/validation/cases.ts';
import { RUNTIMES } from './runtimes.ts';

const PRODUCTS = ['dense_forward', 'dense_backward_weight', 'dense_backward_input'] as const;

/** What runs in every browser that has WebGPU, and on a device with float16 as well. */
const KERNELS_OF: { readonly [backend: string]: readonly KernelName[] } = {
  'webgpu registers': KERNEL_NAMES,
  'webgpu 128x128': PRODUCTS,
  'webgpu 64x64': PRODUCTS,
  'webgpu 32x32': PRODUCTS,
  'webgpu split': ['dense_forward'],
  'webgpu 64x64 mixed': PRODUCTS,
  'webgpu 32x32 mixed': PRODUCTS,
  'webgpu split mixed': ['dense_forward'],
  ...Object.fromEntries(WASM_BUILDS.map((build) => [`wasm ${build}`, KERNEL_NAMES])),
};

describe.each(RUNTIMES)('in %s', (runtime) => {
  it('every backend passes', { timeout: 600_000 }, async () => {
    const quick = runtime === 'chromium';
    const hasWebGpu = runtime !== 'webkit';
    const job = { kind: 'validate', backend: hasWebGpu ? 'auto' : 'wasm', quick } as const;
    const report = await runInBrowser(job, { runtime, dataset: { kind: 'mnist' } });
    const { schema, environment, kernels, trajectories, passedOver, pass } = report;
    for (const { what, why } of passedOver) {
      expect(what).toMatch(/^webgpu (64x64|32x32|split) mixed$/);
      expect(why).toMatch(/^mixed precision needs the feature shader-f16, which .* lacks$/);
    }
    expect(kernels.filter((result) => !result.pass)).toEqual([]);
    expect(trajectories.filter((result) => !result.pass)).toEqual([]);
    expect({ schema, pass }).toEqual({ schema: 'mnist-kernels/validate@1', pass: true });
    expect(environment.runtime).toMatch(new RegExp(`^${runtime} `));
    expect(environment).toMatchObject({
      backend: hasWebGpu ? 'webgpu, wasm, tfjs' : 'wasm',
      simd: expect.stringContaining('relaxed-simd'),
    });

    // Nothing was left out: each backend ran each kernel on each shape, and each training.
    const ran = Object.keys(KERNELS_OF).filter(
      (name) => (hasWebGpu || name.startsWith('wasm')) && !passedOver.some(({ what }) => what === name),
    );
    const expected = ran.flatMap((backend) =>
      KERNELS_OF[backend].flatMap((kernel) =>
        casesOf(kernel)
          .slice(quick ? -1 : 0)
          .map(({ shape }) => `${backend} ${kernel} ${shape}`),
      ),
    );
    expect(kernels.map(({ backend, kernel, shape }) => `${backend} ${kernel} ${shape}`)).toEqual(expected);
    expect(trajectories.map(({ backend, network, steps }) => [backend, network, steps])).toEqual(
      (quick
        ? []
        : [...ran.filter((name) => !name.endsWith('mixed')), ...(hasWebGpu ? ['tfjs'] : [])]
      ).flatMap((backend) => [
        // The adapters here are processors.
        ...(/^webgpu (?!registers)/.test(backend) ? [] : [[backend, '784-128-10', 200]]),
        [backend, '784-64-32-10', 200],
      ]),
    );
    for (const { kernel, maxAbsError, tolerance, share } of kernels) {
      expect(share).toBeLessThanOrEqual(1);
      expect(maxAbsError).toBeGreaterThanOrEqual(0);
      // Distorted pixels are whole numbers, which may be rounded to either side.
      expect(tolerance).toBeLessThanOrEqual(kernel === 'distort' ? 1 : 0.5);
    }
  });
});
