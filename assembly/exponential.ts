// exp and log of four floats without tables: a kernel has no static data.

/**
 * eˣ for x ≤ 0: x = n·ln 2 + r with |r| ≤ ½ ln 2, ln 2 in two parts so that r is exact, and the Taylor
 * polynomial of degree 7 (truncation below 2^-27). Below −69, where eˣ is below 10⁻³⁰, the result is 0:
 * gradients of what is all but impossible would be subnormal numbers.
 */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  const clamped = f32x4.max(x, f32x4.splat(-70));
  const n = f32x4.nearest(f32x4.mul(clamped, f32x4.splat(1.4426950408889634)));
  const r = f32x4.sub(
    f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375))),
    f32x4.mul(n, f32x4.splat(-2.1219444005469057e-4)),
  );
  let p = f32x4.splat(1.0 / 5040.0);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 720.0));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 120.0));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 24.0));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 6.0));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.5));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  // NaN is not below −69 and stays NaN, through the clamp and the polynomial.
  return v128.andnot(f32x4.mul(p, power), f32x4.lt(x, f32x4.splat(-69)));
}

/**
 * ln x for finite x ≥ 1: x = m·2ⁿ with m in [√½, √2), ln m = 2 artanh((m−1)/(m+1)) by its series to the power
 * 11 (truncation below 2^-30).
 */
// @ts-ignore: decorator
@inline
export function log(x: v128): v128 {
  const n = i32x4.shr_s(i32x4.sub(x, i32x4.splat(0x3f3504f3)), 23);
  const m = i32x4.sub(x, i32x4.shl(n, 23));
  const one = f32x4.splat(1);
  const t = f32x4.div(f32x4.sub(m, one), f32x4.add(m, one));
  const s = f32x4.mul(t, t);
  let p = f32x4.splat(1.0 / 11.0);
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(1.0 / 9.0));
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(1.0 / 7.0));
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(1.0 / 5.0));
  p = f32x4.add(f32x4.mul(p, s), f32x4.splat(1.0 / 3.0));
  const series = f32x4.add(t, f32x4.mul(f32x4.mul(t, s), p));
  return f32x4.add(
    f32x4.mul(f32x4.convert_i32x4_s(n), f32x4.splat(0.6931471805599453)),
    f32x4.mul(f32x4.splat(2), series),
  );
}
