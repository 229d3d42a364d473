// A pattern of plans that engines fuse: a layer's weight gradient with the optimizer's updates of its kernel
// and its bias.
import type { KernelCall } from '../network/plan.ts';

export interface UpdatedWeight {
  /** The `dense_backward_weight`. */
  readonly weight: KernelCall;
  readonly kernelUpdate: KernelCall;
  readonly biasUpdate: KernelCall;
}

/** Those of a plan's weight gradients whose kernel and bias are both updated, in the plan's order. */
export function updatedWeights(calls: readonly KernelCall[]): UpdatedWeight[] {
  const updates = new Map(calls.filter(isUpdate).map((call) => [call.operands.gradient, call]));
  return calls.flatMap((weight) => {
    if (weight.kernel !== 'dense_backward_weight') return [];
    const kernelUpdate = updates.get(weight.operands.dkernel);
    const biasUpdate = updates.get(weight.operands.dbias);
    return kernelUpdate && biasUpdate ? [{ weight, kernelUpdate, biasUpdate }] : [];
  });
}

/** Optimizers alone have a parameter. */
function isUpdate({ operands }: KernelCall): boolean {
  return 'parameter' in operands;
}
