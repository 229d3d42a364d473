// `validate` in real browsers: every kernel of every backend within its error bound, every training within its own.
import { describe, expect, it } from 'vitest';
import { runInBrowser } from '../../src/cli/browser/run_in_browser.ts';
import { WASM_BUILDS } from '../../src/engine/wasm/builds.ts';
import { KERNEL_NAMES } from '../../src/network/kernels.ts';
import { casesOf } from '../../src/validation/cases.ts';
import { TESTED_BROWSERS } from './setup.ts';

const BACKENDS_WITH_KERNELS = ['webgpu', ...WASM_BUILDS.map((build) => `wasm ${build}`)];

describe.each(TESTED_BROWSERS)('in %s', (runtime) => {
  it('every backend passes', { timeout: 300_000 }, async () => {
    const job = { kind: 'validate', backend: 'auto' } as const;
    const report = await runInBrowser(job, { runtime, dataset: { kind: 'mnist' } });
    const { schema, environment, kernels, trajectories, passedOver, pass } = report;
    expect(passedOver).toEqual([]);
    expect(kernels.filter((result) => !result.pass)).toEqual([]);
    expect(trajectories.filter((result) => !result.pass)).toEqual([]);
    expect({ schema, pass }).toEqual({ schema: 'mnist-kernels/validate@1', pass: true });
    expect(environment.runtime).toMatch(new RegExp(`^${runtime} `));
    expect(environment).toMatchObject({
      backend: 'webgpu, wasm, tfjs',
      simd: expect.stringContaining('relaxed-simd'),
    });

    // Nothing was left out: each backend ran each kernel on each shape, and each training.
    const expected = BACKENDS_WITH_KERNELS.flatMap((backend) =>
      KERNEL_NAMES.flatMap((kernel) => casesOf(kernel).map(({ shape }) => `${backend} ${kernel} ${shape}`)),
    );
    expect(kernels.map(({ backend, kernel, shape }) => `${backend} ${kernel} ${shape}`)).toEqual(expected);
    expect(trajectories.map(({ backend, network, steps }) => [backend, network, steps])).toEqual(
      [...BACKENDS_WITH_KERNELS, 'tfjs'].flatMap((backend) => [
        [backend, '784-128-10', 200],
        [backend, '784-64-32-10', 200],
      ]),
    );
    for (const { maxAbsError, tolerance, share } of kernels) {
      expect(share).toBeLessThanOrEqual(1);
      expect(maxAbsError).toBeGreaterThanOrEqual(0);
      expect(tolerance).toBeLessThan(0.1);
    }
  });
});
