// Real digits and edge cases as inputs: the kernels stay within their bounds on these as well.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/data/dataset.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { open } from '../../src/engine/open.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { KERNEL_NAMES } from '../../src/network/kernels.ts';
import { casesOf, type KernelCase, usualCasesOf } from '../../src/validation/cases.ts';
import { checkKernel } from '../../src/validation/check_kernel.ts';
import { takesDigits, withDigits, withEdges } from '../../src/validation/inputs.ts';

let mnist: Dataset;
const engines: Engine[] = [];
beforeAll(async () => {
  mnist = await loadMnistNode();
  for (const backend of ['wasm', 'webgpu'] as const)
    engines.push((await open(nodeHost(), { backend, threads: 1 })).engine);
});
afterAll(() => {
  for (const engine of engines) engine.dispose();
});

async function failures(cases: readonly KernelCase[]): Promise<string[]> {
  const failed: string[] = [];
  for (const engine of engines) {
    for (const each of cases) {
      const { pass, shape, share } = await checkKernel(engine, engine.info.backend, each);
      if (!pass) failed.push(`${engine.info.backend} ${shape}: ${share}`);
    }
  }
  return failed;
}

/** Some of a kernel's shapes: the smallest, the largest, and every seventh between. */
const some = (cases: readonly KernelCase[]) =>
  cases.filter((_, index) => index % 7 === 0 || index === cases.length - 1);

describe.each(KERNEL_NAMES)('%s', (kernel) => {
  it('is within its bounds on edge cases', async () => {
    expect(await failures(some(casesOf(kernel)).map(withEdges))).toEqual([]);
  });

  it('is within its bounds on digits, and on the shapes of trainings', async () => {
    const cases = usualCasesOf(kernel).slice(0, 2);
    expect(await failures(cases)).toEqual([]);
    if (!takesDigits(kernel)) return;
    const digits = cases.map((each) => withDigits(each, mnist.train));
    expect(digits[0].contents).not.toEqual(cases[0].contents);
    expect(await failures(digits)).toEqual([]);
  });
});
