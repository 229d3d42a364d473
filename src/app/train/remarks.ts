// What puzzles in a training's numbers, explained where it is seen and only then.
import type { Recipe } from '../../network/recipe.ts';
import { judge } from '../model/judge.ts';
import type { SessionState } from '../model/state.ts';
import * as format from '../parts/format.ts';

/** A loss so many times that of guessing is none of a network that learns. */
const FAR_ABOVE = 2;

/** Steps that any training may begin badly with. */
const FIRST_STEPS = 20;

/** One sentence for each thing that calls for one. @param shareOfPeak of what the device can do at most */
export function remarksOn(state: SessionState, shareOfPeak: number | undefined): string[] {
  return [divergence(state), lossAbove(state), aboveThePeak(shareOfPeak)].filter(
    (text) => text !== undefined,
  );
}

function divergence({ job, progress, shape }: SessionState): string | undefined {
  if (!job || !progress || progress.step < FIRST_STEPS) return undefined;
  const guessing = Math.log(shape.classes);
  if (progress.loss < FAR_ABOVE * guessing) return undefined;
  const loss = Number.isFinite(progress.loss) ? format.roughly(progress.loss, 3) : 'no number any more';
  return `The learning rate of ${job.recipe.learningRate} is too high: the loss is ${loss}, while guessing has ${guessing.toFixed(2)}.`;
}

function lossAbove({ job, epochs }: SessionState): string | undefined {
  const last = epochs.at(-1);
  if (!job || !last || last.trainLoss <= last.testLoss) return undefined;
  const harder = hardships(job.recipe);
  const mean = 'it is the mean over the epoch, in which the network still learned';
  const name = judge(job.holdOut);
  if (harder.length === 0) return `The training loss is above the ${name} loss because ${mean}.`;
  return `The training loss is above the ${name} loss because training is made harder (${harder.join(', ')}); also, ${mean}.`;
}

/** What the recipe makes harder for the training images, and not for those that it is judged by. */
function hardships({ labelSmoothing, dropout, distortion }: Recipe): string[] {
  return [
    ...(labelSmoothing > 0 ? ['smoothed labels'] : []),
    ...(dropout > 0 ? ['dropped units'] : []),
    ...(distortion ? ['distorted images'] : []),
  ];
}

function aboveThePeak(share: number | undefined): string | undefined {
  if (share === undefined || share <= 1) return undefined;
  return 'More than the peak, since multiplications by zero are counted but skipped: most pixels are zero.';
}
