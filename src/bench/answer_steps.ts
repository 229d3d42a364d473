// The steps of a training whose losses are held against the oracle's.
import type { Step } from '../network/kernels.ts';
import { stepsPerEpoch, trainingSteps } from '../training/schedule.ts';
import type { Work } from './work.ts';

/**
 * Steps whose losses are the answer of a training. A velocity that is left out shows from the second on, a
 * bias that is not updated a little later, and each grows from step to step.
 */
export const ANSWER_STEPS = 8;

/** The first steps of a training, batch after batch and from the first one again. */
export function answerSteps({ plan, train }: Pick<Work, 'plan' | 'train'>): Step[] {
  const { recipe } = plan;
  const perEpoch = stepsPerEpoch(recipe, train.count);
  return Array.from({ length: ANSWER_STEPS }, (_, slot) => {
    const [step] = trainingSteps(recipe, train.count, 0, slot % perEpoch, 1);
    return { ...step, slot };
  });
}
