// m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; p ← p − step.learningRate·(c₁m / (√(c₂v) + ε) + weightDecay·p).
// Threads own parts of the parameter.
import { shareBegin } from './share';
import { Step } from './step';

export function adamw(
  parameter: usize, // float32 [count]
  gradient: usize, // float32 [count]
  moment1: usize, // float32 [count]
  moment2: usize, // float32 [count]
  count: u32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  weightDecay: f32,
  step: Step,
  thread: u32,
  threads: u32,
): void {
  let at: usize = (<usize>shareBegin(count, 4, thread, threads)) << 2;
  const end: usize = (<usize>shareBegin(count, 4, thread + 1, threads)) << 2;
  const rate = step.learningRate;
  const c1 = step.correction1;
  const c2 = step.correction2;
  for (; at + 16 <= end; at += 16) {
    const p = v128.load(parameter + at);
    const g = v128.load(gradient + at);
    const m = f32x4.add(
      f32x4.mul(f32x4.splat(beta1), v128.load(moment1 + at)),
      f32x4.mul(f32x4.splat(1 - beta1), g),
    );
    const v = f32x4.add(
      f32x4.mul(f32x4.splat(beta2), v128.load(moment2 + at)),
      f32x4.mul(f32x4.splat(1 - beta2), f32x4.mul(g, g)),
    );
    v128.store(moment1 + at, m);
    v128.store(moment2 + at, v);
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(f32x4.splat(c2), v)), f32x4.splat(epsilon));
    const change = f32x4.add(
      f32x4.div(f32x4.mul(f32x4.splat(c1), m), root),
      f32x4.mul(f32x4.splat(weightDecay), p),
    );
    v128.store(parameter + at, f32x4.sub(p, f32x4.mul(f32x4.splat(rate), change)));
  }
  for (; at < end; at += 4) {
    const p = load<f32>(parameter + at);
    const g = load<f32>(gradient + at);
    const m = beta1 * load<f32>(moment1 + at) + (1 - beta1) * g;
    const v = beta2 * load<f32>(moment2 + at) + (1 - beta2) * (g * g);
    store<f32>(moment1 + at, m);
    store<f32>(moment2 + at, v);
    store<f32>(parameter + at, p - rate * ((c1 * m) / (sqrt<f32>(c2 * v) + epsilon) + weightDecay * p));
  }
}
