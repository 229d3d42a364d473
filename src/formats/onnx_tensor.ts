// The numbers of an ONNX tensor, in whichever of its fields they are.
import { InputError } from '../errors.ts';
import { bfloatToFloat, halfToFloat } from './half.ts';
import { DATA_TYPES } from './onnx.ts';
import { type OnnxTensor, varintsOf } from './onnx_proto.ts';

const BYTES_PER_ELEMENT: { readonly [type: number]: number } = {
  [DATA_TYPES.float32]: 4,
  [DATA_TYPES.float16]: 2,
  [DATA_TYPES.bfloat16]: 2,
};

/** The bytes of another file that a model names. @throws InputError if it is not there */
export type OtherFiles = (path: string) => Uint8Array;

/**
 * A tensor's numbers as float32.
 * @param elements how many there must be
 * @throws InputError if it is of another type, or has another number of them
 */
export function decodeTensor(tensor: OnnxTensor, elements: number, files: OtherFiles): Float32Array {
  const { name, type, external } = tensor;
  const refuse = (why: string) => new InputError(`initializer ${name}: ${why}`);
  const size = BYTES_PER_ELEMENT[type];
  if (size === undefined) throw refuse(`data type ${type}, expected float32, float16 or bfloat16`);
  const bytes = external ? partOf(external, files) : storedIn(tensor, size, elements);
  if (bytes?.length !== elements * size) {
    throw refuse(`${bytes?.length ?? 0} bytes, expected ${elements * size} for ${elements} numbers`);
  }
  const { buffer } = new Uint8Array(bytes);
  if (size === 4) return new Float32Array(buffer);
  return Float32Array.from(
    new Uint16Array(buffer),
    type === DATA_TYPES.float16 ? halfToFloat : bfloatToFloat,
  );
}

function storedIn({ raw, packed }: OnnxTensor, size: number, elements: number): Uint8Array | undefined {
  return raw ?? (size === 4 ? packed[4] : bitsOf(packed[5] ?? new Uint8Array(), elements));
}

/** What lies beyond the file's end is left out. */
function partOf(external: ReadonlyMap<string, string>, files: OtherFiles): Uint8Array {
  const bytes = files(external.get('location') ?? '');
  const offset = Number(external.get('offset') ?? 0);
  const length = external.get('length');
  if (!(offset >= 0)) return bytes.subarray(0, 0);
  return bytes.subarray(offset, length === undefined ? undefined : offset + Number(length));
}

/** Numbers of 16 bits as varints, to bytes: of too many, one more than expected. */
function bitsOf(packed: Uint8Array, expected: number): Uint8Array {
  const bits = new Uint16Array(Math.min(packed.length, expected + 1));
  let count = 0;
  for (const each of varintsOf(packed)) {
    if (count === bits.length) break;
    bits[count++] = each;
  }
  return new Uint8Array(bits.buffer, 0, 2 * count);
}

/** The numbers of an int64 tensor such as a shape. @returns undefined if it is none, or a long one */
export function integersOf({ type, raw, packed }: OnnxTensor): number[] | undefined {
  if (type !== 7 || (raw ?? packed[7] ?? []).length > 128) return undefined;
  if (!raw) return [...varintsOf(packed[7] ?? new Uint8Array())];
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
  return Array.from({ length: Math.floor(raw.length / 8) }, (_, i) => Number(view.getBigInt64(8 * i, true)));
}
