// What the course of the loss says about a learning rate.

export type Verdict = 'too small' | 'good' | 'too large';

/** @param losses before each step, and after the last; not finite where it diverged */
export function judgeRate(losses: readonly number[]): Verdict {
  const first = losses[0];
  const last = losses.at(-1)!;
  if (last < 0.7 * first) return 'good';
  const rose = losses.some((loss, step) => step > 0 && !(loss <= 1.01 * losses[step - 1]));
  return rose ? 'too large' : 'too small';
}
