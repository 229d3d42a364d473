// PCG3D in arbitrary precision, as its paper prints it: Jarzynski and Olano, "Hash Functions for GPU
// Rendering", JCGT 9(3), 2020, listing of pcg3d. The independent answer to what src/network/random.ts
// computes.

const WORD = 2n ** 32n;

/** The first of the three words. */
export function pcg3d(a: number, b: number, c: number): number {
  let [x, y, z] = [a, b, c].map((word) => (BigInt(word) * 1664525n + 1013904223n) % WORD);
  x = (x + y * z) % WORD;
  y = (y + z * x) % WORD;
  z = (z + x * y) % WORD;
  [x, y, z] = [x, y, z].map((word) => word ^ (word >> 16n));
  return Number((x + y * z) % WORD);
}
