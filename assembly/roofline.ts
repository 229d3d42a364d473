// What a core can do at most: multiply-adds on twelve independent accumulators, as many as a tile has.
/** Floating-point operations of one round. */
export const ROUND_OPERATIONS: u32 = 12 * 8;

/** One multiply-add that depends on the one before, in the form that tiles use. */
// @ts-ignore: decorator
@inline
function link(s: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, s);
  return f32x4.add(f32x4.mul(s, a), b);
}

/** @returns a sum of all accumulators, so that none of them can be left out */
export function roofline(rounds: u32): f32 {
  let s0 = f32x4.splat(1), s1 = f32x4.splat(2), s2 = f32x4.splat(3), s3 = f32x4.splat(4);
  let s4 = f32x4.splat(5), s5 = f32x4.splat(6), s6 = f32x4.splat(7), s7 = f32x4.splat(8);
  let s8 = f32x4.splat(9), s9 = f32x4.splat(10), s10 = f32x4.splat(11), s11 = f32x4.splat(12);
  // V8 13.6 (Node 24) makes a constant anew for each use of relaxed_madd, 16 GFLOP/s for 68. V8 11.3 (Node 20)
  // spills whatever else two instructions take in its place, 28 for 56.
  const share: f32 = ASC_FEATURE_RELAXED_SIMD ? 1 / (<f32>rounds + 1) : 1e-6;
  const a = f32x4.splat(1 - share);
  const b = f32x4.splat(share);
  for (; rounds > 0; rounds--) {
    s0 = link(s0, a, b);
    s1 = link(s1, a, b);
    s2 = link(s2, a, b);
    s3 = link(s3, a, b);
    s4 = link(s4, a, b);
    s5 = link(s5, a, b);
    s6 = link(s6, a, b);
    s7 = link(s7, a, b);
    s8 = link(s8, a, b);
    s9 = link(s9, a, b);
    s10 = link(s10, a, b);
    s11 = link(s11, a, b);
  }
  const low = f32x4.add(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)), f32x4.add(s4, s5));
  const sum = f32x4.add(low, f32x4.add(f32x4.add(f32x4.add(s6, s7), f32x4.add(s8, s9)), f32x4.add(s10, s11)));
  return (
    f32x4.extract_lane(sum, 0) +
    f32x4.extract_lane(sum, 1) +
    f32x4.extract_lane(sum, 2) +
    f32x4.extract_lane(sum, 3)
  );
}
