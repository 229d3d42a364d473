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
