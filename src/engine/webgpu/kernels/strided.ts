// The grid of the optimizers, which walk their elements in strides of all invocations.
import type { WgslCall } from '../fusions.ts';
import { type Grid, groups, WORKGROUP } from './kernel.ts';

const MOST_WORKGROUPS = 4096;

export function stridedGrid({ constants }: WgslCall): Grid {
  const count = Math.min(groups(constants.count, WORKGROUP), MOST_WORKGROUPS);
  return () => [count, 1];
}
