// BENCHMARKS.md's table of products as a GPU's compiler sees them.
import { percent } from '../../evaluation/percent.ts';
import type { Compiled, CompiledKernel } from '../compiled.ts';
import { markdown } from './text.ts';

/** The newest family's figures; the others are in the JSON. */
const FAMILY = 'gfx1100';

export function compiledTable({ kernels }: Compiled): string {
  const rows = kernels
    .filter(({ family }) => family === FAMILY)
    .map((each) => [
      each.tiling === '' ? each.kernel : `\`${each.kernel}\` ${each.tiling}`,
      percent(each.multiplyAdds / each.instructions, 0),
      each.ldsReads === 0 ? '–' : (each.multiplyAdds / each.ldsReads).toFixed(1),
      each.clamps,
      ofFourWords(each),
      each.registers,
      each.waves,
    ]);
  const head = [
    'product',
    'multiply-adds',
    'per LDS read',
    'clamps',
    'loads of four words',
    'registers',
    'waves',
  ];
  return markdown(head, 1, rows);
}

const ofFourWords = ({ wideLoads, loads }: CompiledKernel) => `${wideLoads} of ${loads}`;
