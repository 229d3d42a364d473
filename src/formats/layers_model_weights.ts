// The weights of a tfjs layers model: numbers one after another in the files that a manifest names, perhaps
// quantised.
import * as v from 'valibot';
import { InputError } from '../errors.ts';
import { elementsOf } from '../network/plan.ts';
import { halfToFloat } from './half.ts';
import { fileOf, type NamedFile } from './named_files.ts';

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const quantizationSchema = v.variant('dtype', [
  v.object({ dtype: v.picklist(['uint8', 'uint16']), scale: v.number(), min: v.number() }),
  v.object({ dtype: v.literal('float16') }),
]);

const weightSchema = v.object({
  name: v.string(),
  shape: v.array(whole),
  dtype: v.string(),
  /** Weights of the optimizer that trained the network are in a group of their own. */
  group: v.optional(v.string()),
  quantization: v.optional(v.looseObject({ dtype: v.string() })),
});

type Weight = v.InferOutput<typeof weightSchema>;

export const manifestSchema = v.array(
  v.object({ paths: v.array(v.string()), weights: v.array(weightSchema) }),
);

type Manifest = v.InferOutput<typeof manifestSchema>;

export interface LayerWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly read: () => Float32Array;
}

/**
 * The network's weights by their names.
 * @throws InputError if a file is missing, or has not the bytes that the manifest says
 */
export function weightsOf(manifest: Manifest, files: readonly NamedFile[]): ReadonlyMap<string, LayerWeight> {
  const found = new Map<string, LayerWeight>();
  const paths = manifest.flatMap((group) => group.paths);
  for (const group of manifest) {
    const pieces = group.paths.map((path) => fileOf(path, paths, files));
    checkSize(group, pieces);
    const bytes = joined(pieces);
    let offset = 0;
    for (const weight of group.weights) {
      const part = bytes.subarray(offset, offset + sizeOf(weight));
      offset += part.length;
      if (weight.group === 'optimizer') continue;
      const { name, shape } = weight;
      found.set(name, { name, shape, read: () => decode(weight, part) });
    }
  }
  return found;
}

function checkSize({ paths, weights }: Manifest[number], pieces: readonly Uint8Array[]): void {
  const expected = weights.reduce((sum, weight) => sum + sizeOf(weight), 0);
  const size = bytesIn(pieces);
  if (size === expected) return;
  throw new InputError(
    `${size} bytes of weights in ${paths.join(', ')}, expected ${expected} as model.json says`,
  );
}

const bytesIn = (pieces: readonly Uint8Array[]) => pieces.reduce((sum, { length }) => sum + length, 0);

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0];
  const bytes = new Uint8Array(bytesIn(pieces));
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
}

/** Bytes of a number as it is stored. */
const BYTES: { readonly [dtype: string]: number } = {
  float32: 4,
  int32: 4,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
};

/** Bytes of the weight in its file. */
function sizeOf({ name, shape, dtype, quantization }: Weight): number {
  const stored = quantization?.dtype ?? dtype;
  if (!Object.hasOwn(BYTES, stored)) {
    throw new InputError(
      `weight ${name}: type ${stored}, expected float32, or uint8, uint16 or float16 of it`,
    );
  }
  return BYTES[stored] * elementsOf(shape);
}

/** tfjs: a quantised number q stands for min + scale·q. */
function decode({ name, shape, dtype, quantization }: Weight, part: Uint8Array): Float32Array {
  if (dtype !== 'float32') throw new InputError(`weight ${name}: type ${dtype}, expected float32`);
  const { buffer } = new Uint8Array(part);
  if (!quantization) return new Float32Array(buffer, 0, elementsOf(shape));
  const { success, output } = v.safeParse(quantizationSchema, quantization);
  if (!success) {
    throw new InputError(`weight ${name}: its quantisation is wrong, expected dtype, scale and min`);
  }
  if (output.dtype === 'float16') return Float32Array.from(new Uint16Array(buffer), halfToFloat);
  const { scale, min } = output;
  const codes = output.dtype === 'uint8' ? new Uint8Array(buffer) : new Uint16Array(buffer);
  return Float32Array.from(codes, (code) => min + scale * code);
}
