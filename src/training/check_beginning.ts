// What a training begins with or goes on from, checked before it does.
import { InputError } from '../errors.ts';
import type { Parameters } from '../network/initialisation.ts';
import { buffersOf, type Plan, sizeOf } from '../network/plan.ts';
import type { Snapshot } from './events.ts';
import { stepsPerEpoch } from './schedule.ts';

/**
 * Checks that a training can begin with these.
 * @throws InputError naming the one that is missing, strange or not finite
 */
export function checkParameters(parameters: Parameters, plan: Plan): void {
  checkBuffers(parameters, plan, buffersOf(plan, 'parameter'), 'the parameters to begin with');
}

/**
 * Checks that a training can go on from here as if it had never stopped.
 * @throws InputError naming what is missing, strange or not finite
 */
export function checkSnapshot({ buffers, epochs, stepLosses }: Snapshot, plan: Plan): void {
  const title = 'the checkpoint to go on from';
  const refuse = (what: string) => new InputError(`${title}: ${what}`);
  checkBuffers(buffers, plan, buffersOf(plan, 'parameter', 'state'), title);
  if (epochs.length > plan.recipe.epochs || epochs.some(({ epoch }, index) => epoch !== index + 1))
    throw refuse(`its epochs are not the first of ${plan.recipe.epochs}`);
  const steps = epochs.length * stepsPerEpoch(plan.recipe, plan.buffers.trainLabels.shape[0]);
  if (stepLosses.length !== steps)
    throw refuse(`${stepLosses.length} losses of steps, expected ${steps} of ${epochs.length} epochs`);
}

/** @throws InputError unless these are the plan's buffers of such names, of finite numbers */
function checkBuffers(
  buffers: { readonly [name: string]: Float32Array },
  plan: Plan,
  names: readonly string[],
  title: string,
): void {
  const refuse = (what: string) => new InputError(`${title}: ${what}`);
  const stranger = Object.keys(buffers).find((name) => !names.includes(name));
  if (stranger !== undefined) throw refuse(`"${stranger}" has no place in this training`);
  for (const name of names) {
    const [found, expected] = [buffers[name]?.length ?? 0, sizeOf(plan.buffers[name])];
    if (found !== expected) throw refuse(`"${name}" has ${found} numbers, expected ${expected}`);
    const strange = buffers[name].findIndex((value) => !Number.isFinite(value));
    if (strange >= 0) throw refuse(`"${name}" has ${buffers[name][strange]} at index ${strange}`);
  }
}
