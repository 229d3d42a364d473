// What a network makes of the test samples that its executor holds.
import type { Executor } from '../engine/engine.ts';
import type { Step } from '../network/step.ts';
import { evaluationRuns } from './schedule.ts';

export interface Measurement {
  readonly loss: number;
  readonly accuracy: number;
  /** Counts [target][predicted]. */
  readonly confusion: readonly (readonly number[])[];
}

/** Mean loss, accuracy and confusion over the plan's test samples, counted on the device. */
export function measure(executor: Executor): Promise<Measurement> {
  return counted(executor, async (steps) => {
    const metrics = await executor.run('evaluate', steps);
    return steps.map(({ slot }) => metrics[2 * slot]);
  });
}

/** The same, and the network's output for each sample: float32 [samples, classes]. */
export async function measureWithLogits(
  executor: Executor,
): Promise<{ measurement: Measurement; logits: Float32Array }> {
  const { buffers, network } = executor.plan;
  const classes = network.widths.at(-1)!;
  const logits = new Float32Array(buffers.testLabels.shape[0] * classes);
  const measurement = await counted(executor, async (steps) => {
    const losses: number[] = [];
    for (const step of steps) {
      const [loss] = await executor.run('evaluate', [{ ...step, slot: 0 }]);
      losses.push(loss);
      const batch = await executor.read(`activation${network.widths.length - 1}`);
      logits.set(batch.subarray(0, step.rows * classes), step.first * classes);
    }
    return losses;
  });
  return { measurement, logits };
}

/** @param run executes the steps and returns the loss of each, summed over its rows */
async function counted(
  executor: Executor,
  run: (steps: readonly Step[]) => Promise<readonly number[]>,
): Promise<Measurement> {
  const { plan } = executor;
  const samples = plan.buffers.testLabels.shape[0];
  const classes = plan.network.widths.at(-1)!;
  await executor.write('confusion', new Uint32Array(classes * classes));
  let loss = 0;
  for (const steps of evaluationRuns(samples, plan.batch.evaluate))
    for (const each of await run(steps)) loss += each;
  const counts = await executor.read('confusion');
  const confusion = Array.from({ length: classes }, (_, target) => [
    ...counts.subarray(target * classes, (target + 1) * classes),
  ]);
  const correct = confusion.reduce((sum, row, target) => sum + row[target], 0);
  return { loss: loss / samples, accuracy: correct / samples, confusion };
}
