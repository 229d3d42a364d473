// How sure a network is of its answer, in words.
import { className } from '../../data/dataset.ts';
import * as format from '../parts/format.ts';

/**
 * An answer with a smaller probability is called unsure. Of such answers to the test images each of the
 * shipped networks has more than a fifth wrong, of all others less than 1 in 100.
 */
export const SURE_FROM = 0.7;

/** A class this much less probable than the best is no longer one that the network hesitates over. */
const HESITATES = 1 / 3;
/** Classes that are named at most; two at least. */
const MOST_NAMED = 3;

export function isSure(probabilities: readonly number[]): boolean {
  return Math.max(...probabilities) >= SURE_FROM;
}

/** "97 % sure", or "Unsure: 4 or 9" */
export function certainty(probabilities: readonly number[], names?: readonly string[]): string {
  if (!isSure(probabilities)) return `Unsure: ${between(probabilities, names)}`;
  const best = Math.max(...probabilities);
  // 99.6 % is not to be rounded to all there is.
  return best > 0.99 ? `more than ${format.percent(0.99, 0)} sure` : `${format.percent(best, 0)} sure`;
}

/** The classes that come into question, the most probable first. */
function between(probabilities: readonly number[], names?: readonly string[]): string {
  const byProbability = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  const least = HESITATES * probabilities[byProbability[0]];
  const named = byProbability.filter((label, place) => place < 2 || probabilities[label] >= least);
  const titles = named.slice(0, MOST_NAMED).map((label) => className(names, label));
  return `${titles.slice(0, -1).join(', ')} or ${titles.at(-1)}`;
}
