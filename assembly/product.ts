// The register-blocked product that dense_forward and dense_backward_weight share:
// c[m, n] = sum over k of a[m, k]·b[k, n] for n in 0 … columns−1, with any strides of a.

/** Rows of c that a block computes at once; 8 columns wide, that is 8 accumulators, which registers can hold. */
export const BLOCK_ROWS: u32 = 4;

/** a·b + c in one instruction where the build has it (one rounding or two, as the processor likes). */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/**
 * Rows `begin` … `end − 1` of c. Strides are in bytes: `aRow` from one m to the next, `aStep` from one k to the next.
 * The last rows and columns are covered by blocks that overlap the ones before them: the same sums are stored twice,
 * and no edge falls to a slow path unless there are fewer than four columns.
 */
export function product(
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  c: usize,
  begin: u32,
  end: u32,
  columns: u32,
  depth: u32,
): void {
  const row: usize = <usize>columns << 2;
  for (let m = begin; m < end; m += BLOCK_ROWS) {
    const m1 = min(m + 1, end - 1);
    const m2 = min(m + 2, end - 1);
    const m3 = min(m + 3, end - 1);
    const a0 = a + <usize>m * aRow;
    const a1 = a + <usize>m1 * aRow;
    const a2 = a + <usize>m2 * aRow;
    const a3 = a + <usize>m3 * aRow;
    const c0 = c + <usize>m * row;
    const c1 = c + <usize>m1 * row;
    const c2 = c + <usize>m2 * row;
    const c3 = c + <usize>m3 * row;
    if (columns >= 8) {
      for (let n: u32 = 0; n < columns; n += 8) {
        const at: usize = <usize>min(n, columns - 8) << 2;
        block4x8(a0, a1, a2, a3, aStep, b + at, row, depth, c0 + at, c1 + at, c2 + at, c3 + at);
      }
    } else if (columns >= 4) {
      for (let n: u32 = 0; n < columns; n += 4) {
        const at: usize = <usize>min(n, columns - 4) << 2;
        block4x4(a0, a1, a2, a3, aStep, b + at, row, depth, c0 + at, c1 + at, c2 + at, c3 + at);
      }
    } else {
      for (let n: u32 = 0; n < columns; n++) {
        const at: usize = <usize>n << 2;
        block4x1(a0, a1, a2, a3, aStep, b + at, row, depth, c0 + at, c1 + at, c2 + at, c3 + at);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function block4x8(
  a0: usize, a1: usize, a2: usize, a3: usize, aStep: usize,
  b: usize, bStep: usize, depth: u32,
  c0: usize, c1: usize, c2: usize, c3: usize,
): void {
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0), s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0), s21 = f32x4.splat(0);
  let s30 = f32x4.splat(0), s31 = f32x4.splat(0);
  let offset: usize = 0;
  for (let k: u32 = 0; k < depth; k++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load32_splat(a0 + offset);
    s00 = madd(x0, b0, s00);
    s01 = madd(x0, b1, s01);
    const x1 = v128.load32_splat(a1 + offset);
    s10 = madd(x1, b0, s10);
    s11 = madd(x1, b1, s11);
    const x2 = v128.load32_splat(a2 + offset);
    s20 = madd(x2, b0, s20);
    s21 = madd(x2, b1, s21);
    const x3 = v128.load32_splat(a3 + offset);
    s30 = madd(x3, b0, s30);
    s31 = madd(x3, b1, s31);
    b += bStep;
    offset += aStep;
  }
  v128.store(c0, s00);
  v128.store(c0, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
}

// @ts-ignore: decorator
@inline
function block4x4(
  a0: usize, a1: usize, a2: usize, a3: usize, aStep: usize,
  b: usize, bStep: usize, depth: u32,
  c0: usize, c1: usize, c2: usize, c3: usize,
): void {
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
  let offset: usize = 0;
  for (let k: u32 = 0; k < depth; k++) {
    const b0 = v128.load(b);
    s0 = madd(v128.load32_splat(a0 + offset), b0, s0);
    s1 = madd(v128.load32_splat(a1 + offset), b0, s1);
    s2 = madd(v128.load32_splat(a2 + offset), b0, s2);
    s3 = madd(v128.load32_splat(a3 + offset), b0, s3);
    b += bStep;
    offset += aStep;
  }
  v128.store(c0, s0);
  v128.store(c1, s1);
  v128.store(c2, s2);
  v128.store(c3, s3);
}

// @ts-ignore: decorator
@inline
function block4x1(
  a0: usize, a1: usize, a2: usize, a3: usize, aStep: usize,
  b: usize, bStep: usize, depth: u32,
  c0: usize, c1: usize, c2: usize, c3: usize,
): void {
  let s0: f32 = 0, s1: f32 = 0, s2: f32 = 0, s3: f32 = 0;
  let offset: usize = 0;
  for (let k: u32 = 0; k < depth; k++) {
    const b0 = load<f32>(b);
    s0 += load<f32>(a0 + offset) * b0;
    s1 += load<f32>(a1 + offset) * b0;
    s2 += load<f32>(a2 + offset) * b0;
    s3 += load<f32>(a3 + offset) * b0;
    b += bStep;
    offset += aStep;
  }
  store<f32>(c0, s0);
  store<f32>(c1, s1);
  store<f32>(c2, s2);
  store<f32>(c3, s3);
}
