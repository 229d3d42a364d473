// What peers need that start threads of their own.

/** A page may be cross-origin isolated and have no shared memory all the same; Node has its own kind of workers. */
export const hasThreads = (): boolean =>
  typeof SharedArrayBuffer !== 'undefined' && typeof Worker !== 'undefined';

/** @throws Error where threads cannot be had: some peers would wait for them for good, others go on with one and do not say so */
export function needThreads(): void {
  if (!hasThreads()) throw new Error('it needs threads, and there is no shared memory here');
}
