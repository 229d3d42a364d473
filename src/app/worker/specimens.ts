// The test images whose answers are watched while a network trains.
import type { Samples } from '../../data/dataset.ts';

const SPECIMENS = 10;

/**
 * The first image of each class; of fewer than ten classes the second ones too, and so on.
 * @returns indices of at most ten images
 */
export function specimensOf({ labels }: Pick<Samples, 'labels'>, classes: number): number[] {
  const rounds = Math.ceil(SPECIMENS / classes);
  const ofClass = Array.from({ length: classes }, (): number[] => []);
  for (let i = 0, missing = classes * rounds; i < labels.length && missing > 0; i++) {
    const found = ofClass[labels[i]];
    if (found.length === rounds) continue;
    found.push(i);
    missing--;
  }
  return Array.from({ length: rounds }, (_, round) => ofClass.map((found) => found[round]))
    .flat()
    .filter((index) => index !== undefined)
    .slice(0, SPECIMENS);
}
