// The map of a kernel's errors: as many elements as are in use, the share of each, and the worst one in full.
import { afterAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { openWebgpu } from '../../src/engine/webgpu/engine.ts';
import { WGSL_SOURCES } from '../../src/engine/webgpu/shader_sources.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { casesOf } from '../../src/validation/cases.ts';
import { checkKernel } from '../../src/validation/check_kernel.ts';
import { mapErrors } from '../../src/validation/error_map.ts';

const engines: Engine[] = [];
afterAll(() => {
  for (const engine of engines) engine.dispose();
});

async function engineWith(shader: string, from: string, to: string): Promise<Engine> {
  expect(WGSL_SOURCES[shader]).toContain(from);
  const shaders = { [shader]: WGSL_SOURCES[shader].replace(from, to) };
  const engine = await openWebgpu(nodeHost(), { shaders, guarded: true });
  engines.push(engine);
  return engine;
}

const caseOf = (kernel: Parameters<typeof casesOf>[0], shape: string) =>
  casesOf(kernel).find((each) => each.shape === shape)!;

describe('a map of errors', () => {
  it('says of a kernel that is right what checkKernel says', async () => {
    const engine = await engineWith('dense_forward_registers', 'sum2 += ', 'sum2 += 1.0 * ');
    const kernelCase = caseOf('dense_forward', '7×17→132, tanh, dropout');
    const { result, maps } = await mapErrors(engine, 'webgpu', kernelCase);
    expect(result).toEqual(await checkKernel(engine, 'webgpu', kernelCase));
    expect(maps).toMatchObject([
      { operand: 'y', dimensions: ['rows', 'units'], rows: 7, columns: 132, wrong: 0 },
    ]);
    const [{ shares, worst }] = maps;
    expect(shares.length).toBe(7 * 132);
    expect(Math.max(...shares)).toBeCloseTo(result.share, 6);
    expect(Math.max(...shares)).toBeGreaterThan(0);
    const [row, unit] = worst.indices;
    expect(shares[132 * row + unit]).toBe(Math.max(...shares));
    expect(Math.abs(worst.got - worst.expected) / worst.bound).toBeCloseTo(result.share, 6);
  });

  it('has each wrong element, and the one that is furthest off', async () => {
    const engine = await engineWith('sgd', 'p - step.learningRate', 'p - 1.001 * step.learningRate');
    const { result, maps } = await mapErrors(engine, 'webgpu', caseOf('sgd', '4099'));
    expect(result.pass).toBe(false);
    const [parameter, velocity] = maps;
    expect([parameter.operand, velocity.operand]).toEqual(['parameter', 'velocity']);
    expect(velocity.wrong).toBe(0);
    expect(parameter.wrong).toBe(parameter.shares.filter((share) => share > 1).length);
    expect(parameter.wrong).toBeGreaterThan(2000);
    const { got, expected, bound, indices } = parameter.worst;
    expect(Math.abs(got - expected)).toBeGreaterThan(bound);
    expect(parameter.shares[indices[0]]).toBe(parameter.shares.reduce((a, b) => Math.max(a, b)));
  });

  it('has no end where nothing may be off, or what is there is no number', async () => {
    const engine = await engineWith('confusion', 'r >= step.rows', 'r > step.rows');
    const { maps } = await mapErrors(engine, 'webgpu', caseOf('confusion', '7×10'));
    expect(maps[0].worst.bound).toBe(0);
    expect(maps[0].shares.reduce((a, b) => Math.max(a, b))).toBe(Infinity);
    const nan = await engineWith('adamw', 'step.correction1 * followed', 'sqrt(-1.0 - abs(followed))');
    const { maps: ofNan } = await mapErrors(nan, 'webgpu', caseOf('adamw', '17'));
    expect(ofNan[0].worst.got).toBeNaN();
    expect(ofNan[0].wrong).toBeGreaterThan(10);
  });
});
