// The grid of the optimizers, which walk their elements in strides of all invocations.
import { type Grid, groups, type WgslArguments, WORKGROUP } from './kernel.ts';

const MOST_WORKGROUPS = 4096;

export function stridedGrid({ constants }: WgslArguments): Grid {
  const count = Math.min(groups(constants.count, WORKGROUP), MOST_WORKGROUPS);
  return () => [count, 1];
}
