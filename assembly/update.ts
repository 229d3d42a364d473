// What becomes of a gradient: it is stored, or the optimizer takes it while it is still in the nearest cache.
// The choice and its numbers are set at the beginning of a kernel and hold until its end; every thread has
// its own.

export const STORE: u32 = 0;
export const SGD: u32 = 1;
export const ADAMW: u32 = 2;

const FLUSH_THRESHOLD: f32 = 1e-30;

let rule: u32 = STORE;
let learningRate: f32 = 0;
let decay: f32 = 0;
/** Momentum, or 1 − β₁ and 1 − β₂. */
let first: f32 = 0;
let second: f32 = 0;
let epsilon: f32 = 0;
let lookahead: f32 = 0;
let correction1: f32 = 0;
let correction2: f32 = 0;

export function storeGradients(): void {
  rule = STORE;
}

export function useSgd(rate: f32, momentum: f32): void {
  rule = SGD;
  learningRate = rate;
  first = momentum;
}

export function useAdamw(
  rate: f32, oneMinusBeta1: f32, oneMinusBeta2: f32, eps: f32, ahead: f32, c1: f32, c2: f32,
): void {
  rule = ADAMW;
  learningRate = rate;
  first = oneMinusBeta1;
  second = oneMinusBeta2;
  epsilon = eps;
  lookahead = ahead;
  correction1 = c1;
  correction2 = c2;
}

/** Sets the decay of the next tensor: kernels decay, biases do not. */
export function useDecay(weightDecay: f32): void {
  decay = weightDecay;
}

/**
 * Takes `vectors` vectors of gradients from `gradient`.
 * @param target the parameter, or where to store the gradients
 * @param state1 velocity, or first moment
 * @param state2 second moment
 */
export function take(gradient: usize, target: usize, state1: usize, state2: usize, vectors: u32): void {
  if (rule == SGD) sgdVectors(gradient, target, state1, vectors);
  else if (rule == ADAMW) adamwVectors(gradient, target, state1, state2, vectors);
  else memory.copy(target, gradient, <usize>vectors << 4);
}

function sgdVectors(gradient: usize, parameter: usize, velocity: usize, vectors: u32): void {
  const rate = f32x4.splat(learningRate);
  const momentum = f32x4.splat(first);
  const weightDecay = f32x4.splat(decay);
  for (; vectors > 0; vectors--) {
    const p = v128.load(parameter);
    const v = flush(f32x4.add(f32x4.mul(momentum, v128.load(velocity)), v128.load(gradient)));
    v128.store(velocity, v);
    descend(parameter, p, v, rate, weightDecay);
    gradient += 16;
    parameter += 16;
    velocity += 16;
  }
}

function adamwVectors(gradient: usize, parameter: usize, moment1: usize, moment2: usize, vectors: u32): void {
  const rate = f32x4.splat(learningRate);
  const weightDecay = f32x4.splat(decay);
  const oneMinusBeta1 = f32x4.splat(first);
  const oneMinusBeta2 = f32x4.splat(second);
  const eps = f32x4.splat(epsilon);
  const ahead = f32x4.splat(lookahead);
  const c1 = f32x4.splat(correction1);
  const c2 = f32x4.splat(correction2);
  for (; vectors > 0; vectors--) {
    const p = v128.load(parameter);
    const g = v128.load(gradient);
    const m0 = v128.load(moment1);
    const v0 = v128.load(moment2);
    const m = flush(f32x4.add(m0, f32x4.mul(oneMinusBeta1, f32x4.sub(g, m0))));
    const v = flush(f32x4.add(v0, f32x4.mul(oneMinusBeta2, f32x4.sub(f32x4.mul(g, g), v0))));
    v128.store(moment1, m);
    v128.store(moment2, v);
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(c2, v)), eps);
    const followed = f32x4.add(m, f32x4.mul(ahead, f32x4.sub(g, m)));
    descend(parameter, p, f32x4.div(f32x4.mul(c1, followed), root), rate, weightDecay);
    gradient += 16;
    parameter += 16;
    moment1 += 16;
    moment2 += 16;
  }
}

/** p ← flush(p − rate·(change + weightDecay·p)) */
// @ts-ignore: decorator
@inline
function descend(parameter: usize, p: v128, change: v128, rate: v128, weightDecay: v128): void {
  const decayed = f32x4.add(change, f32x4.mul(weightDecay, p));
  v128.store(parameter, flush(f32x4.sub(p, f32x4.mul(rate, decayed))));
}

/**
 * What is too small to matter is zero, or states would decay into subnormal numbers, on which many processors
 * are slow and which WASM cannot flush: FLUSH_THRESHOLD in src/network/kernels.ts. NaN stays NaN.
 */
// @ts-ignore: decorator
@inline
function flush(x: v128): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), f32x4.splat(FLUSH_THRESHOLD)));
}
