// How many training images a choice is judged by: choices are not made on the test set.

const HELD_OUT = 10_000;

/** @param train images of the whole data set; of a small one at most a sixth is held out */
export function heldOutOf(train: number): number {
  return Math.min(HELD_OUT, Math.floor(train / 6));
}
