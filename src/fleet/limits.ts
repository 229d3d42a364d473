// How much the command line does at once, so that many sessions do not keep it from its work.

/** Looks at sessions in a second, all together: with more sessions each is looked at less often. */
export const LOOKS_A_SECOND = 400;

/** Sessions that are being opened at once. */
export const MAX_OPENING = 100;

/** Seconds between two looks at one session, besides what their number asks for. @param age of its job, in seconds */
export function pauseBetweenLooks(age: number, sessions: number): number {
  // A short job is looked at often, a long one now and then.
  return Math.max(0.05, sessions / LOOKS_A_SECOND, Math.min(1, age / 10));
}
