// From a call to a dispatch: its constants as bytes, and what it binds.
import { packWords } from '../../network/step.ts';
import { unusedState } from './kernels/dense_backward_weight.ts';
import { type WgslCall, wgslKernel } from './kernels/index.ts';
import type { Place } from './place.ts';

/**
 * The kernel's constants; where operands lie is added under the names that end in "At", in elements, and
 * `count` is that of the placed parameter, whose rows may be longer.
 */
export function constantsOf(
  { kernel, operands, constants }: WgslCall,
  places: ReadonlyMap<string, Place>,
): ArrayBuffer {
  const values: { [name: string]: number } = { ...constants };
  for (const [operand, buffer] of Object.entries(operands)) {
    const at = places.get(buffer);
    if (at) values[`${operand}At`] = at.offset / 4;
    if (at && operand === 'parameter') values.count = at.size / 4;
  }
  return packed(wgslKernel(kernel).constants, values);
}

function packed(
  fields: { readonly [name: string]: 'uint32' | 'float32' },
  values: { readonly [name: string]: number },
): ArrayBuffer {
  const missing = Object.keys(fields).find((name) => values[name] === undefined);
  if (missing) throw new Error(`a kernel's constant "${missing}" is missing`);
  const bytes = new ArrayBuffer(4 * Object.keys(fields).length);
  packWords(fields, values, new DataView(bytes));
  return bytes;
}

/**
 * The GPU buffers that a call binds, in the order of its bindings: placed ones, or such as the executor keeps
 * itself.
 */
export function boundBuffers(call: WgslCall, places: ReadonlyMap<string, Place>): string[] {
  const { kernel, operands, layers } = call;
  return Object.keys(wgslKernel(kernel).bindings).map((name) => {
    if (kernel === 'dense_backward_weight') {
      if (name === 'parameters') return places.get(layers![0].kernel)!.buffer;
      const unused = unusedState(name, call);
      if (unused !== undefined) return unused;
    }
    const operand = operands[name];
    return operand === undefined ? name : places.get(operand)!.buffer;
  });
}
