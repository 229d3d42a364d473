// The steps of a training whose losses are held against the oracle's.
import { ANSWER_STEPS } from '../evaluation/comparison.ts';
import type { Step } from '../network/step.ts';
import { stepsPerEpoch, trainingSteps } from '../training/schedule.ts';
import type { Work } from './work.ts';

/** The first steps of a training, batch after batch and from the first one again. */
export function answerSteps({ plan, train }: Pick<Work, 'plan' | 'train'>): Step[] {
  const { recipe } = plan;
  const perEpoch = stepsPerEpoch(recipe, train.count);
  return Array.from({ length: ANSWER_STEPS }, (_, slot) => {
    const [step] = trainingSteps(recipe, train.count, 0, slot % perEpoch, 1);
    return { ...step, slot };
  });
}
