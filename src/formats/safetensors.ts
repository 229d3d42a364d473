// safetensors (github.com/huggingface/safetensors): the header's length as uint64, a JSON header, then the
// tensors' bytes, all little-endian, as F32, F16, BF16 or F64, or as integers I8 or I32.
import * as v from 'valibot';
import { InputError } from '../errors.ts';
import { bfloatToFloat, floatToHalf, halfToFloat } from './half.ts';

/** float32, row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export type Tensors = Record<string, Tensor>;

/** float64, row-major: what a checkpoint has besides tensors. */
export interface DoubleTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export type DoubleTensors = Record<string, DoubleTensor>;

/** Of an int8 network, row-major. */
export interface IntegerTensor {
  readonly shape: readonly number[];
  readonly data: Int8Array | Int32Array;
}

/** What a file's numbers have: float32, or float16 in half the bytes. */
export type Precision = 'float32' | 'float16';

export const PRECISIONS = ['float32', 'float16'] as const satisfies readonly Precision[];

/** The format's own limit. */
const MAX_HEADER_BYTES = 100_000_000;

const BYTES_PER_ELEMENT: { readonly [dtype: string]: number } = {
  F32: 4,
  F16: 2,
  BF16: 2,
  F64: 8,
  I8: 1,
  I32: 4,
};

/** What a model's tensors may be of. */
export const DTYPES = ['F32', 'F16', 'BF16'] as const;

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const metadataSchema = v.record(v.string(), v.string());

const entrySchema = v.object({
  dtype: v.string(),
  shape: v.array(whole),
  data_offsets: v.tuple([whole, whole]),
});

interface Entry extends v.InferOutput<typeof entrySchema> {
  readonly name: string;
}

/**
 * Tensors in the order given, and metadata. Those of float64 and of integers are written as they are.
 * @param precision float16 rounds to the nearest, ties to even; what is beyond 65504 becomes infinite
 */
export function writeSafetensors(
  tensors: { readonly [name: string]: Tensor | DoubleTensor | IntegerTensor },
  metadata: Record<string, string>,
  precision: Precision = 'float32',
): Uint8Array<ArrayBuffer> {
  const entries: [string, unknown][] = [['__metadata__', metadata]];
  const payloads: ArrayBufferView[] = [];
  let size = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const half = precision === 'float16' && data instanceof Float32Array;
    const payload = half ? Uint16Array.from(data, floatToHalf) : data;
    const dtype = half ? 'F16' : dtypeOf(data);
    entries.push([name, { dtype, shape, data_offsets: [size, size + payload.byteLength] }]);
    payloads.push(payload);
    size += payload.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerBytes + size).fill(0x20, 8, 8 + headerBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(json, 8);
  let offset = 8 + headerBytes;
  for (const { buffer, byteOffset, byteLength } of payloads) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), offset);
    offset += byteLength;
  }
  return bytes;
}

function dtypeOf(data: (Tensor | DoubleTensor | IntegerTensor)['data']): string {
  if (data instanceof Float64Array) return 'F64';
  if (data instanceof Float32Array) return 'F32';
  return data instanceof Int8Array ? 'I8' : 'I32';
}

/** A file that was read: its tensors as float32, those of float64 and of integers apart. */
export interface Safetensors {
  readonly tensors: Tensors;
  readonly doubles: DoubleTensors;
  readonly integers: Record<string, IntegerTensor>;
  readonly metadata: Record<string, string>;
}

/**
 * @param file for messages
 * @throws InputError naming the file and the first thing that is wrong with it
 */
export function readSafetensors(bytes: Uint8Array, file: string): Safetensors {
  const refuse = (what: string) => new InputError(`${file}: ${what}`);
  if (bytes.length < 8) {
    throw refuse(`${bytes.length} bytes, expected a safetensors file of at least 8`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  const available = Math.min(bytes.length - 8, MAX_HEADER_BYTES);
  if (headerBytes > available) {
    throw refuse(`a header of ${headerBytes} bytes, expected a safetensors file with at most ${available}`);
  }
  const { __metadata__: said = {}, ...header } = parseHeader(bytes.subarray(8, 8 + headerBytes), refuse);
  const { success, output: metadata } = v.safeParse(metadataSchema, said);
  if (!success) throw refuse('__metadata__: expected an object of strings');
  const entries = Object.entries(header).map(([name, entry]) => checkEntry(name, entry, refuse));
  const data = bytes.subarray(8 + headerBytes);
  checkLayout(entries, data.length, refuse);
  const tensors: Tensors = Object.create(null);
  const doubles: DoubleTensors = Object.create(null);
  const integers: Safetensors['integers'] = Object.create(null);
  for (const entry of entries) {
    const { name, shape, dtype } = entry;
    if (dtype === 'F64') doubles[name] = { shape, data: new Float64Array(bytesOf(entry, data).buffer) };
    else if (dtype === 'I8') integers[name] = { shape, data: new Int8Array(bytesOf(entry, data).buffer) };
    else if (dtype === 'I32') integers[name] = { shape, data: new Int32Array(bytesOf(entry, data).buffer) };
    else tensors[name] = { shape, data: decode(entry, data) };
  }
  return { tensors, doubles, integers, metadata };
}

/** @throws InputError naming a tensor whose numbers are of none of {@link DTYPES} */
export function checkFloats({ doubles, integers }: Pick<Safetensors, 'doubles' | 'integers'>): void {
  const [other] = Object.entries({ ...doubles, ...integers });
  if (other === undefined) return;
  const [name, { data }] = other;
  throw new InputError(`tensor ${name}: type ${dtypeOf(data)}, expected ${DTYPES.join(', ')}`);
}

type Refuse = (what: string) => InputError;

function parseHeader(bytes: Uint8Array, refuse: Refuse): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw refuse('the header is not JSON, expected a safetensors file');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw refuse('the header is not a JSON object, expected a safetensors file');
  }
  return header as Record<string, unknown>;
}

/**
 * Checks one tensor's entry on its own: type, shape and whether its bytes are as many as its elements need.
 */
function checkEntry(name: string, candidate: unknown, refuse: Refuse): Entry {
  const result = v.safeParse(entrySchema, candidate);
  if (!result.success) {
    const where = v.getDotPath(result.issues[0]);
    throw refuse(
      `tensor ${name}: ${where ? `${where} is wrong, ` : ''}expected dtype, shape and data_offsets [begin, end]`,
    );
  }
  const { dtype, shape, data_offsets } = result.output;
  if (!Object.hasOwn(BYTES_PER_ELEMENT, dtype))
    throw refuse(`tensor ${name}: type ${dtype}, expected ${DTYPES.join(', ')}`);
  const expected = shape.reduce((product, extent) => product * extent, BYTES_PER_ELEMENT[dtype]);
  const [begin, end] = data_offsets;
  if (end - begin !== expected) {
    throw refuse(
      `tensor ${name}: bytes ${begin} to ${end}, expected ${expected} bytes for ${dtype} [${shape.join(', ')}]`,
    );
  }
  return { name, ...result.output };
}

/** The tensors must fill the file from the header to its end, without gaps and without overlapping. */
function checkLayout(entries: readonly Entry[], size: number, refuse: Refuse): void {
  let filled = 0;
  for (const { name, data_offsets } of entries.toSorted(byOffset)) {
    const [begin, end] = data_offsets;
    if (begin !== filled) {
      const what = begin < filled ? 'overlaps the tensor before it' : 'leaves a gap before it';
      throw refuse(`tensor ${name} begins at byte ${begin} and ${what}, expected ${filled}`);
    }
    filled = end;
  }
  if (filled !== size) throw refuse(`${size} bytes of tensors, expected ${filled} as the header says`);
}

function byOffset(a: Entry, b: Entry): number {
  return a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1];
}

function decode(entry: Entry, data: Uint8Array): Float32Array {
  const { buffer } = bytesOf(entry, data);
  if (entry.dtype === 'F32') return new Float32Array(buffer);
  return Float32Array.from(new Uint16Array(buffer), entry.dtype === 'F16' ? halfToFloat : bfloatToFloat);
}

/** A copy, which also aligns them. */
function bytesOf({ data_offsets }: Entry, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const [begin, end] = data_offsets;
  const copy = new Uint8Array(end - begin);
  copy.set(data.subarray(begin, end));
  return copy;
}
