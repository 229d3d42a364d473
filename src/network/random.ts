// Counter-based randomness: every random number is a pure function of (seed, stream, counter), so weights,
// shuffles and dropout masks are the same bits in TypeScript, WGSL (shaders/dense_forward.wgsl) and
// AssemblyScript (assembly/random.ts), in any order and on any number of threads.

/** What a random number is for. The layer index is added to `weights` and `dropout`. */
export const STREAM = { weights: 0x100, dropout: 0x200, shuffle: 0x300, distortion: 0x400 } as const;

/**
 * Hashes three 32-bit words to one: the first component of PCG3D, which passes the statistical tests of its
 * paper (Jarzynski and Olano, "Hash Functions for GPU Rendering", JCGT 9(3), 2020, section 4).
 */
export function hash(seed: number, stream: number, counter: number): number {
  let x = (Math.imul(seed, 1664525) + 1013904223) | 0;
  let y = (Math.imul(stream, 1664525) + 1013904223) | 0;
  let z = (Math.imul(counter, 1664525) + 1013904223) | 0;
  x = (x + Math.imul(y, z)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  x ^= x >>> 16;
  y ^= y >>> 16;
  z ^= z >>> 16;
  x = (x + Math.imul(y, z)) | 0;
  return x >>> 0;
}

/** Maps a 32-bit word to [0, 1) with 24 bits, exactly representable in float32. */
export function toUnit(word: number): number {
  return (word >>> 8) * 2 ** -24;
}

/**
 * The order in which an epoch visits its samples: Fisher-Yates over 0 … count−1.
 * @returns uint32 [count]
 */
export function shuffledOrder(seed: number, epoch: number, count: number): Uint32Array {
  const key = hash(seed, STREAM.shuffle, epoch);
  const order = naturalOrder(count);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor((hash(key, 0, i) / 2 ** 32) * (i + 1));
    const swapped = order[i];
    order[i] = order[j];
    order[j] = swapped;
  }
  return order;
}

/** 0 … count−1. @returns uint32 [count] */
export function naturalOrder(count: number): Uint32Array {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  return order;
}

/** How many of the 2²⁴ draws that dropout makes of a hash drop a unit. @param rate in [0, 1) */
export function droppedDraws(rate: number): number {
  return Math.round(rate * 2 ** 24);
}

/**
 * Whether dropout keeps unit `unit` of row `row`: `key` is `hash(seed, STREAM.dropout + layer, step)`.
 * The comparison is between integers, so every engine decides alike.
 * @param dropped of {@link droppedDraws}
 */
export function keepsUnit(key: number, row: number, unit: number, dropped: number): boolean {
  return hash(key, row, unit) >>> 8 >= dropped;
}
