// Whether a build multiplies bytes rightly here: V8's baseline compiler did not always leave the sums of
// i32x4.relaxed_dot_i8x16_i7x16_add_s alone (Node 20, which has it behind a flag, and browsers of its time).

import { type BufferSpec, BYTES_PER_ELEMENT, type TypedArray, typedArray } from '../../network/plan.ts';
import { packWords, STEP_FIELDS, STILL_STEP, type Step } from '../../network/step.ts';
import { instantiate } from './execute.ts';
import { type Packing, pack, packedBytes, unpack } from './packing.ts';

const ROWS = 6;
const INPUTS = 8;
/** Four panels, which a single image takes at once. */
const UNITS = 32;

const OPERANDS = {
  x: { type: 'uint8', shape: [ROWS, INPUTS], packing: 'byte blocks' },
  kernel: { type: 'int8', shape: [UNITS, INPUTS], packing: 'byte panels' },
  bias: { type: 'int32', shape: [UNITS], packing: 'vector' },
  scale: { type: 'float32', shape: [UNITS], packing: 'vector' },
  y: { type: 'float32', shape: [ROWS, UNITS], packing: 'blocks' },
} as const;

/** Byte offsets in a page: the step, the context, the scratch memory and the first operand. */
const [STEP, CONTEXT, SCRATCH, FIRST] = [1024, 1088, 2048, 8192];
const OPERAND_BYTES = 4096;

/** Multiplies six rows and one, as the kernels do with tiles and with a single image. */
export async function multipliesBytes(module: WebAssembly.Module, shared: boolean): Promise<boolean> {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared });
  const kernels = await instantiate([module], memory);
  const operands = Object.entries(OPERANDS).map(([name, operand], index) => {
    const spec: BufferSpec = { ...operand, role: 'scratch' };
    const packing: Packing = operand.packing;
    const offset = FIRST + index * OPERAND_BYTES;
    const bytes = packedBytes(packing, spec);
    return { name, spec, packing, offset, bytes };
  });
  const x = Uint8Array.from({ length: ROWS * INPUTS }, (_, at) => (37 * at + 5) % 128);
  const kernel = Int8Array.from({ length: UNITS * INPUTS }, (_, at) => ((91 * at) % 255) - 127);
  const contents: { readonly [name: string]: TypedArray } = {
    x,
    kernel,
    scale: new Float32Array(UNITS).fill(1),
  };
  new Uint32Array(memory.buffer, CONTEXT, 4).set([0, 1, ROWS, SCRATCH]);
  const view = ({ spec, offset, bytes }: (typeof operands)[number]) =>
    typedArray(spec.type, memory.buffer, offset, bytes / BYTES_PER_ELEMENT[spec.type]);
  for (const operand of operands)
    if (contents[operand.name]) pack(operand.packing, operand.spec, contents[operand.name], view(operand));
  const addresses = operands.map(({ offset }) => offset);
  const output = operands.at(-1)!;
  return [ROWS, 1].every((rows) => {
    const step: Step = { ...STILL_STEP, rows };
    packWords(STEP_FIELDS, step, new DataView(memory.buffer, STEP));
    view(output).fill(0);
    kernels.dense_output_int8(...addresses, INPUTS, UNITS, STEP, CONTEXT);
    const sums = unpack(output.packing, output.spec, view(output)).subarray(0, rows * UNITS);
    return sums.every((sum, at) => sum === expected(x, kernel, Math.floor(at / UNITS), at % UNITS));
  });
}

function expected(x: Uint8Array, kernel: Int8Array, row: number, unit: number): number {
  let sum = 0;
  for (let i = 0; i < INPUTS; i++) sum += x[row * INPUTS + i] * kernel[unit * INPUTS + i];
  return sum;
}
