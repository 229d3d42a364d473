// Single kernels through a session: every one against the oracle, and what they refuse.
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeHost } from '../../src/hosts/node.ts';
import { InputError, type KernelName, type Session } from '../../src/index.ts';
import { openHostSession } from '../../src/library/host_session.ts';
import { KERNEL_NAMES } from '../../src/network/kernels.ts';

let session: Session;
beforeAll(async () => {
  session = await openHostSession(nodeHost(), { backend: 'wasm', threads: 1 }, () => setImmediate());
});
afterAll(() => session.close());

const OPERANDS = {
  x: Float32Array.of(1, 2, 3, 4),
  kernel: Float32Array.of(1, -1, 2, 0),
  bias: Float32Array.of(0.5, 0.25),
};
const SHAPE = { rows: 2, inputs: 2, units: 2 };

describe('runKernel', () => {
  it('gives what a kernel writes', async () => {
    const { y } = await session.runKernel('dense_forward', OPERANDS, SHAPE);
    expect([...y]).toEqual([5.5, -0.75, 11.5, -2.75]);
    const relu = await session.runKernel('dense_forward', OPERANDS, { ...SHAPE, activation: 'relu' });
    expect([...relu.y]).toEqual([5.5, 0, 11.5, 0]);
  });

  it('updates what a kernel updates', async () => {
    const { parameter, velocity } = await session.runKernel(
      'sgd',
      { parameter: Float32Array.of(1, 2), gradient: Float32Array.of(0.5, -0.5) },
      { count: 2, momentum: 0.5, learningRate: 0.5 },
    );
    expect([...parameter]).toEqual([0.75, 2.25]);
    expect([...velocity]).toEqual([0.5, -0.5]);
  });

  it('gathers rows in an order', async () => {
    const { x, targets } = await session.runKernel(
      'gather_batch',
      { images: Uint8Array.of(1, 2, 3, 4), labels: Uint8Array.of(7, 9), order: Uint32Array.of(1, 0) },
      { rows: 2, inputs: 2 },
    );
    expect([...x]).toEqual([3, 4, 1, 2]);
    expect([...targets]).toEqual([9, 7]);
  });

  it.each<[string, KernelName, Parameters<Session['runKernel']>[1], Parameters<Session['runKernel']>[2]]>([
    ['kernel "matmul": expected one of distort, ', 'matmul' as KernelName, {}, {}],
    [
      'operand "bias" (float32 [units]) is missing',
      'dense_forward',
      { x: OPERANDS.x, kernel: OPERANDS.kernel },
      SHAPE,
    ],
    ['operand "z": expected x, kernel, bias, y', 'dense_forward', { ...OPERANDS, z: OPERANDS.x }, SHAPE],
    ['its dimension rows must be given', 'dense_forward', OPERANDS, { inputs: 2, units: 2 }],
    ['constant "units" is missing', 'dense_forward', OPERANDS, { rows: 2, inputs: 2 }],
    ['expected a Float32Array of 6 elements, found 4', 'dense_forward', OPERANDS, { ...SHAPE, inputs: 3 }],
    [
      'activation "gelu": expected one of relu, ',
      'dense_forward',
      OPERANDS,
      { ...SHAPE, activation: 'gelu' },
    ],
    [
      'constant "seed": NaN, expected a finite number',
      'dense_forward',
      OPERANDS,
      { ...SHAPE, seed: Number.NaN },
    ],
    [
      'operand "order" has 5: expected 0 to 1',
      'gather_batch',
      { images: new Uint8Array(4), labels: new Uint8Array(2), order: Uint32Array.of(5, 0) },
      { rows: 1, inputs: 2 },
    ],
  ])('refuses: %s', async (message, kernel, operands, constants) => {
    const refused = session.runKernel(kernel, operands, constants);
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(message);
  });
});

it('validates all kernels, or those asked for', async () => {
  const some = await session.validate(['sgd', 'confusion']);
  expect(new Set(some.map(({ kernel }) => kernel))).toEqual(new Set(['sgd', 'confusion']));
  expect(some.every(({ pass }) => pass)).toBe(true);
  expect(KERNEL_NAMES).toContain('sgd');
  await expect(session.validate(['relu' as KernelName])).rejects.toThrow('kernel "relu": expected one of');
});
