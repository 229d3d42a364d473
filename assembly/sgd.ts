// v ← momentum·v + g; p ← p − step.learningRate·(v + weightDecay·p). Threads own parts of the parameter.
import { shareBegin } from './share';
import { Step } from './step';

export function sgd(
  parameter: usize, // float32 [count]
  gradient: usize, // float32 [count]
  velocity: usize, // float32 [count]
  count: u32,
  momentum: f32,
  weightDecay: f32,
  step: Step,
  thread: u32,
  threads: u32,
): void {
  let at: usize = (<usize>shareBegin(count, 4, thread, threads)) << 2;
  const end: usize = (<usize>shareBegin(count, 4, thread + 1, threads)) << 2;
  const rate = step.learningRate;
  for (; at + 16 <= end; at += 16) {
    const p = v128.load(parameter + at);
    const v = f32x4.add(f32x4.mul(f32x4.splat(momentum), v128.load(velocity + at)), v128.load(gradient + at));
    v128.store(velocity + at, v);
    const decayed = f32x4.add(v, f32x4.mul(f32x4.splat(weightDecay), p));
    v128.store(parameter + at, f32x4.sub(p, f32x4.mul(f32x4.splat(rate), decayed)));
  }
  for (; at < end; at += 4) {
    const p = load<f32>(parameter + at);
    const v = momentum * load<f32>(velocity + at) + load<f32>(gradient + at);
    store<f32>(velocity + at, v);
    store<f32>(parameter + at, p - rate * (v + weightDecay * p));
  }
}
