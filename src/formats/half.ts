// Numbers of 16 bits: IEEE 754 binary16, and the upper half of a float32.
import { InputError } from '../errors.ts';

/** From here on float16 rounds to infinity. */
const HALF_LIMIT = 65520;

/** IEEE 754 binary16 to a number: sign, 5 bits of exponent, 10 of fraction. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** A number to IEEE 754 binary16, rounded to the nearest, ties to even. */
export function floatToHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  // Halfway between the largest finite number and the one that would come after it.
  if (magnitude >= HALF_LIMIT) return sign | 0x7c00;
  // Below the smallest normal number, 2^-14, all are multiples of 2^-24.
  const exponent = Math.max(Math.floor(Math.log2(magnitude)), -14);
  const units = roundToEven(magnitude * 2 ** (10 - exponent));
  // A subnormal has fewer than 1024 units; a fraction that is rounded up to 2048 carries into the exponent.
  return sign | (units + (exponent + 14) * 1024);
}

/** @throws InputError naming the tensor if one of its numbers is too large for float16 */
export function checkHalf(tensor: string, data: Float32Array): void {
  const strange = data.find((value) => Math.abs(value) >= HALF_LIMIT);
  if (strange === undefined) return;
  throw new InputError(`tensor ${tensor}: ${strange} is too large for float16, which ends at 65504`);
}

const shared = new DataView(new ArrayBuffer(4));

/** bfloat16 to a number: the upper 16 bits of a float32. */
export function bfloatToFloat(bits: number): number {
  shared.setUint32(0, bits * 0x1_0000);
  return shared.getFloat32(0);
}

function roundToEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}
