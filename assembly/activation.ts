// What hidden units put out, and its derivative from the output, for a tile: src/network/activation.ts.
import { exp } from './exponential';
import { TILE_BYTES } from './layout';

// @ts-ignore: decorator
@inline
export const RELU: u32 = 1;
// @ts-ignore: decorator
@inline
const LEAKY_RELU: u32 = 2;
// @ts-ignore: decorator
@inline
const TANH: u32 = 3;
// @ts-ignore: decorator
@inline
const SIGMOID: u32 = 4;

/** The slope of LEAKY_RELU below zero. */
// @ts-ignore: decorator
@inline
const LEAK: f32 = 0.2;

/** Every activation but RELU and the linear one, which take a comparison at most. */
export function activateTile(tile: usize, activation: u32): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  for (let at = tile; at < tile + TILE_BYTES; at += 16) {
    const z = v128.load(at);
    const positive = f32x4.gt(z, zero);
    if (activation == LEAKY_RELU) {
      v128.store(at, v128.bitselect(z, f32x4.mul(z, f32x4.splat(LEAK)), positive));
    } else if (activation == TANH) {
      const e = exp(f32x4.mul(f32x4.abs(z), f32x4.splat(-2)));
      const magnitude = f32x4.div(f32x4.sub(one, e), f32x4.add(one, e));
      v128.store(at, v128.or(magnitude, v128.and(z, f32x4.splat(-0.0))));
    } else {
      const e = exp(f32x4.neg(f32x4.abs(z)));
      v128.store(at, f32x4.div(v128.bitselect(one, e, positive), f32x4.add(one, e)));
    }
  }
}

/** Four derivatives; where units are dropped, an output that is zero counts as dropped. */
// @ts-ignore: decorator
@inline
export function derivative(x: v128, scale: f32, activation: u32): v128 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const factor = f32x4.splat(scale);
  const positive = f32x4.gt(x, zero);
  let d = one;
  if (activation == RELU) {
    d = v128.and(one, positive);
  } else if (activation == LEAKY_RELU) {
    d = v128.bitselect(one, f32x4.splat(LEAK), positive);
  } else if (activation == TANH) {
    const a = f32x4.div(x, factor);
    d = f32x4.sub(one, f32x4.mul(a, a));
  } else if (activation == SIGMOID) {
    const a = f32x4.div(x, factor);
    d = f32x4.mul(a, f32x4.sub(one, a));
  }
  d = f32x4.mul(d, factor);
  return scale == 1 ? d : v128.and(d, f32x4.ne(x, zero));
}
