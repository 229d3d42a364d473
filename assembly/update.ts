// What becomes of a gradient: it is stored, or the optimizer takes it while it is still in the nearest cache.
// The choice and its numbers are set at the beginning of a kernel and hold until its end; every thread has its own.

export const STORE: u32 = 0;
export const SGD: u32 = 1;
export const ADAMW: u32 = 2;

let rule: u32 = STORE;
let learningRate: f32 = 0;
let decay: f32 = 0;
/** Momentum, or β₁ and β₂. */
let first: f32 = 0;
let second: f32 = 0;
let epsilon: f32 = 0;
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

export function useAdamw(rate: f32, beta1: f32, beta2: f32, eps: f32, c1: f32, c2: f32): void {
  rule = ADAMW;
  learningRate = rate;
  first = beta1;
  second = beta2;
  epsilon = eps;
  correction1 = c1;
  correction2 = c2;
}

/** Of the tensor that comes next: kernels decay, biases do not. */
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
    const v = f32x4.add(f32x4.mul(momentum, v128.load(velocity)), v128.load(gradient));
    v128.store(velocity, v);
    const change = f32x4.add(v, f32x4.mul(weightDecay, p));
    v128.store(parameter, f32x4.sub(p, f32x4.mul(rate, change)));
    gradient += 16;
    parameter += 16;
    velocity += 16;
  }
}

function adamwVectors(gradient: usize, parameter: usize, moment1: usize, moment2: usize, vectors: u32): void {
  const rate = f32x4.splat(learningRate);
  const weightDecay = f32x4.splat(decay);
  const beta1 = f32x4.splat(first);
  const rest1 = f32x4.splat(1 - first);
  const beta2 = f32x4.splat(second);
  const rest2 = f32x4.splat(1 - second);
  const eps = f32x4.splat(epsilon);
  const c1 = f32x4.splat(correction1);
  const c2 = f32x4.splat(correction2);
  for (; vectors > 0; vectors--) {
    const p = v128.load(parameter);
    const g = v128.load(gradient);
    const m = f32x4.add(f32x4.mul(beta1, v128.load(moment1)), f32x4.mul(rest1, g));
    const v = f32x4.add(f32x4.mul(beta2, v128.load(moment2)), f32x4.mul(rest2, f32x4.mul(g, g)));
    v128.store(moment1, m);
    v128.store(moment2, v);
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(c2, v)), eps);
    const change = f32x4.add(f32x4.div(f32x4.mul(c1, m), root), f32x4.mul(weightDecay, p));
    v128.store(parameter, f32x4.sub(p, f32x4.mul(rate, change)));
    gradient += 16;
    parameter += 16;
    moment1 += 16;
    moment2 += 16;
  }
}
