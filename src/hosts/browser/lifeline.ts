// A worker's end of the lifeline by which the page learns that it ended, however it ended.

/** What every worker of a WorkerClient offers. */
export interface Lifeline {
  ready(): Promise<void>;
}

/** Settles once this worker holds the lock of its own name, which is released when the worker ends. */
export function holdLock(): Promise<void> {
  return new Promise((resolve) => {
    if (!navigator.locks) resolve();
    else void navigator.locks.request(self.name, () => new Promise(() => resolve()));
  });
}
