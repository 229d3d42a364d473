// Each product as a GPU's compiler sees it: a main loop of multiply-adds, without checks of bounds and spills.
import { describe, expect, it } from 'vitest';
import type { CompiledKernel } from '../../src/bench/compiled.ts';
import { compileAll } from './compiled.ts';

/** One sum, of words that computed indices find in workgroup memory. */
const POOR = `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> size: vec2u;
var<workgroup> staged: array<f32, 100>;
@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) invocation: u32) {
  var sum = 0f;
  for (var k = 0u; k < size.x; k++) {
    staged[invocation + k * size.y] = x[k];
    workgroupBarrier();
    for (var i = 0u; i < size.y; i++) {
      sum = fma(staged[i + k], staged[i * size.y], sum);
      sum = fma(staged[i * k], staged[i + size.y], sum);
    }
    workgroupBarrier();
  }
  y[invocation] = sum;
}`;

describe('compiled for AMD, without a GPU', async () => {
  const { kernels } = await compileAll([{ kernel: 'poor', wgsl: POOR }]);
  const own = kernels.filter(({ tiling }) => tiling !== '');
  const titled = (of: readonly CompiledKernel[]) =>
    of.map((each) => [`${each.kernel} ${each.tiling} on ${each.family}`, each] as const);
  const share = ({ multiplyAdds, instructions }: CompiledKernel) => multiplyAdds / instructions;

  it('are all products in all tilings for GPUs', () => {
    expect(new Set(own.map(({ kernel }) => kernel)).size).toBe(4);
    expect(new Set(own.map(({ tiling }) => tiling))).toEqual(new Set(['128x128', '64x64', '32x32', 'split']));
    expect(new Set(own.map(({ family }) => family))).toEqual(new Set(['navi21', 'gfx1100']));
  });

  it.each(titled(own.filter(({ tiling }) => tiling === '128x128' || tiling === '64x64')))('%s', (_, each) => {
    expect(share(each)).toBeGreaterThanOrEqual(0.9);
    expect(each.multiplyAdds / each.ldsReads).toBeGreaterThanOrEqual(16);
    expect(each).toMatchObject({ clamps: 0, spilled: 0 });
    expect(each.waves).toBeGreaterThanOrEqual(8);
    // Pixels are bytes: four of them are a word.
    if (each.kernel !== 'gather_dense_forward') expect(each.wideLoads).toBe(each.loads);
  });

  it.each(titled(own.filter(({ tiling }) => tiling === '32x32')))('%s', (_, each) => {
    expect(share(each)).toBeGreaterThanOrEqual(0.85);
    expect(each).toMatchObject({ clamps: 0, spilled: 0 });
  });

  // Where pixels are gathered, four bytes of a word become numbers for each four multiply-adds of a unit.
  it.each(titled(own.filter(({ tiling }) => tiling === 'split')))('%s', (_, each) => {
    expect(share(each)).toBeGreaterThanOrEqual(each.kernel === 'gather_dense_forward' ? 0.8 : 0.85);
    expect(each).toMatchObject({ clamps: 0, spilled: 0 });
  });

  it('is told of a loop that does little, checks its indices and loads single words', () => {
    const poor = kernels.filter(({ kernel }) => kernel === 'poor');
    expect(poor).toHaveLength(2);
    for (const each of poor) {
      expect(share(each)).toBeLessThan(0.5);
      expect(each.clamps).toBeGreaterThan(0);
      expect(each.wideLoads).toBe(0);
    }
  });
});
