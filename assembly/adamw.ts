// m ← flush(m + (1−β₁)(g − m)); v ← flush(v + (1−β₂)(g² − v));
// p ← flush(p − step.learningRate·(c₁(m + lookahead·(g − m)) / (√(c₂v) + ε) + weightDecay·p)).
// Threads own parts of the parameter.
import { Context } from './context';
import { shareBegin } from './share';
import { Step } from './step';
import { take, useAdamw, useDecay } from './update';

export function adamw(
  parameter: usize, // float32 [count], padded to vectors
  gradient: usize, // float32 [count]
  moment1: usize, // float32 [count]
  moment2: usize, // float32 [count]
  count: u32,
  oneMinusBeta1: f32,
  oneMinusBeta2: f32,
  epsilon: f32,
  lookahead: f32,
  weightDecay: f32,
  step: Step,
  context: Context,
): void {
  const vectors = (count + 3) / 4;
  const begin = shareBegin(vectors, context.thread, context.threads);
  const end = shareBegin(vectors, context.thread + 1, context.threads);
  const at: usize = <usize>begin << 4;
  useAdamw(step.learningRate, oneMinusBeta1, oneMinusBeta2, epsilon, lookahead, step.correction1, step.correction2);
  useDecay(weightDecay);
  take(gradient + at, parameter + at, moment1 + at, moment2 + at, end - begin);
}
