// exp and log in float32 without tables: a kernel has no static data.

/**
 * eˣ for x ≤ 0: x = n·ln 2 + r with |r| ≤ ½ ln 2, ln 2 in two parts so that r is exact, and the Taylor polynomial of
 * degree 7 (truncation below 2^-27). Below −87 the result is 0.
 */
export function exp(x: f32): f32 {
  if (!(x > -87)) return x != x ? x : 0;
  const n = nearest(x * <f32>1.4426950408889634);
  const r = x - n * <f32>0.693359375 - n * <f32>-2.1219444005469057e-4;
  let p: f32 = 1.0 / 5040.0;
  p = p * r + <f32>(1.0 / 720.0);
  p = p * r + <f32>(1.0 / 120.0);
  p = p * r + <f32>(1.0 / 24.0);
  p = p * r + <f32>(1.0 / 6.0);
  p = p * r + 0.5;
  p = p * r + 1;
  p = p * r + 1;
  return p * reinterpret<f32>((<i32>n + 127) << 23);
}

/**
 * ln x for finite x ≥ 1: x = m·2ⁿ with m in [√½, √2), ln m = 2 artanh((m−1)/(m+1)) by its series to the power 11
 * (truncation below 2^-30).
 */
export function log(x: f32): f32 {
  const bits = reinterpret<i32>(x);
  const n = (bits - 0x3f3504f3) >> 23;
  const m = reinterpret<f32>(bits - (n << 23));
  const t = (m - 1) / (m + 1);
  const s = t * t;
  let p: f32 = 1.0 / 11.0;
  p = p * s + <f32>(1.0 / 9.0);
  p = p * s + <f32>(1.0 / 7.0);
  p = p * s + <f32>(1.0 / 5.0);
  p = p * s + <f32>(1.0 / 3.0);
  return <f32>n * <f32>0.6931471805599453 + 2 * (t + t * s * p);
}
