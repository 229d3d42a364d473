// From a plan that evaluates in float32 to one in integers: quantisation.ts.
import { InputError } from '../errors.ts';
import type { BufferSpec, KernelCall, Plan } from './plan.ts';
import { activationOf } from './recipe.ts';
import { formatNetwork, layersOf } from './spec.ts';

/**
 * The same network for the integers of int8Parameters(): pixels and hidden activations are integers, the logits
 * float32.
 * @param plan without training
 * @throws InputError unless its hidden units are relu
 */
export function int8Plan(plan: Plan): Plan {
  const { network, calls } = plan;
  checkQuantisable(plan);
  const last = network.widths.length - 1;
  const buffers: Record<string, BufferSpec> = { ...plan.buffers };
  for (const { index, inputs, units } of layersOf(network)) {
    buffers[`activation${index}`] = { ...buffers[`activation${index}`], type: 'uint8' };
    buffers[`kernel${index}`] = { type: 'int8', shape: [units, inputs], role: 'parameter' };
    buffers[`bias${index}`] = { type: 'int32', shape: [units], role: 'parameter' };
    buffers[`scale${index}`] = { type: 'float32', shape: [units], role: 'parameter' };
  }
  const inIntegers = (call: KernelCall): KernelCall => {
    const { kernel, operands, constants } = call;
    const { inputs, units } = constants;
    if (kernel === 'gather_batch') return { kernel: 'gather_batch_int8', operands, constants: { inputs } };
    if (kernel !== 'dense_forward') return call;
    const output = operands.y === `activation${last}`;
    return {
      kernel: output ? 'dense_output_int8' : 'dense_forward_int8',
      operands: { ...operands, scale: operands.kernel.replace('kernel', 'scale') },
      constants: { inputs, units },
    };
  };
  return { ...plan, buffers, calls: { train: [], evaluate: calls.evaluate.map(inIntegers) } };
}

/** @throws InputError unless the hidden units are relu */
export function checkQuantisable({ network, recipe }: Pick<Plan, 'network' | 'recipe'>): void {
  const activation = activationOf(recipe);
  if (activation === 'relu' || network.widths.length === 2) return;
  throw new InputError(
    `network ${formatNetwork(network)} with ${activation}: int8 is for networks whose hidden units are relu`,
  );
}
