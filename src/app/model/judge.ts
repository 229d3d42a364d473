// By which images a training is judged, and the words for it.

/** "test" or, of a training that leaves the test images unseen, "held-out". */
export function judge(holdOut: number | undefined): 'test' | 'held-out' {
  return holdOut ? 'held-out' : 'test';
}

/** "Test accuracy", "Held-out accuracy" */
export function judged(holdOut: number | undefined, measure: 'accuracy' | 'loss'): string {
  return holdOut ? `Held-out ${measure}` : `Test ${measure}`;
}
