// The counter-based hash of src/network/random.ts, the same bits.

export function hash(seed: u32, stream: u32, counter: u32): u32 {
  let x = seed * 1664525 + 1013904223;
  let y = stream * 1664525 + 1013904223;
  let z = counter * 1664525 + 1013904223;
  x += y * z;
  y += z * x;
  z += x * y;
  x ^= x >> 16;
  y ^= y >> 16;
  z ^= z >> 16;
  return x + y * z;
}

/** [0, 1) with 24 bits. */
// @ts-ignore: decorator
@inline
export function toUnit(word: u32): f32 {
  return <f32>(word >> 8) * <f32>(1.0 / 16777216.0);
}

/** The hashes of four counters, `counter` and the next three. */
// @ts-ignore: decorator
@inline
export function hashes(seed: u32, stream: u32, counter: u32): v128 {
  const factor = i32x4.splat(1664525);
  const summand = i32x4.splat(1013904223);
  let x = i32x4.splat(seed * 1664525 + 1013904223);
  let y = i32x4.splat(stream * 1664525 + 1013904223);
  let z = i32x4.add(i32x4.mul(i32x4.add(i32x4.splat(counter), i32x4(0, 1, 2, 3)), factor), summand);
  x = i32x4.add(x, i32x4.mul(y, z));
  y = i32x4.add(y, i32x4.mul(z, x));
  z = i32x4.add(z, i32x4.mul(x, y));
  x = v128.xor(x, i32x4.shr_u(x, 16));
  y = v128.xor(y, i32x4.shr_u(y, 16));
  z = v128.xor(z, i32x4.shr_u(z, 16));
  return i32x4.add(x, i32x4.mul(y, z));
}

/** Each in [0, 1) with 24 bits. */
// @ts-ignore: decorator
@inline
export function toUnits(words: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_u(i32x4.shr_u(words, 8)), f32x4.splat(<f32>(1.0 / 16777216.0)));
}
