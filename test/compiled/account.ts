// An account of the machine code of a product: what its main loop consists of.
import type { CompiledKernel } from '../../src/bench/compiled.ts';
import type { MachineCode } from './radv.ts';

type Account = Omit<CompiledKernel, 'kernel' | 'tiling' | 'family'>;

/**
 * The main loop is the stretch with the most multiply-adds in which no two neighbours are further apart: the
 * last lines' own arithmetic stays out.
 */
const GAP = 40;

const MULTIPLY_ADD =
  /^v_(dual_)?((pk_)?(fma|fmac|mac|mad)_(f16|f32|legacy_f32)|pk_fma_f16|fma_mix(lo|hi)?_f|dot2)/;

export function accountOf({ assembly, statistics }: MachineCode): Account {
  const all = assembly
    .split('\n')
    .filter((line) => line.startsWith('\t'))
    .map((line) => line.trim().split(/\s/)[0]);
  const loop = mainLoopOf(all);
  const count = (instructions: readonly string[], pattern: RegExp) =>
    instructions.filter((instruction) => pattern.test(instruction)).length;
  const loads = all.filter((instruction) => /^(buffer|global)_load/.test(instruction));
  return {
    instructions: loop.length,
    multiplyAdds: count(loop, MULTIPLY_ADD),
    ldsReads: count(loop, /^ds_(read|load)/),
    clamps: count(loop, /^[vs]_min_[ui]32/),
    loads: loads.length,
    wideLoads: count(loads, /x4|b128/),
    registers: statistics.VGPRs,
    spilled: statistics['Spilled VGPRs'] + statistics['Spilled SGPRs'],
    ldsBytes: statistics['LDS size'],
    waves: statistics['Subgroups per SIMD'],
  };
}

function mainLoopOf(all: readonly string[]): readonly string[] {
  let best = { from: 0, to: -1, count: 0 };
  let present = { from: 0, to: -GAP - 1, count: 0 };
  for (const [index, instruction] of all.entries()) {
    if (!MULTIPLY_ADD.test(instruction)) continue;
    if (index - present.to > GAP) present = { from: index, to: index, count: 0 };
    present = { ...present, to: index, count: present.count + 1 };
    if (present.count > best.count) best = present;
  }
  return all.slice(best.from, best.to + 1);
}
