// v ← flush(momentum·v + g); p ← flush(p − step.learningRate·(v + weightDecay·p)). Threads own parts of the
// parameter.
import { Context } from './context';
import { shareBegin } from './share';
import { Step } from './step';
import { take, useDecay, useSgd } from './update';

export function sgd(
  parameter: usize, // float32 [count], padded to vectors
  gradient: usize, // float32 [count]
  velocity: usize, // float32 [count]
  count: u32,
  momentum: f32,
  weightDecay: f32,
  step: Step,
  context: Context,
): void {
  const vectors = (count + 3) / 4;
  const begin = shareBegin(vectors, context.thread, context.threads);
  const end = shareBegin(vectors, context.thread + 1, context.threads);
  const at: usize = <usize>begin << 4;
  useSgd(step.learningRate, momentum);
  useDecay(weightDecay);
  take(gradient + at, parameter + at, velocity + at, 0, end - begin);
}
