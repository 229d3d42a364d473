// What may fail at any time while others wait for something else of it: a worker, a device.

/**
 * It takes the place of a promise in `Promise.race`: one that never settles keeps, for as long as it lives, the
 * outcome of each race that it took part in.
 */
export class Failure {
  private error: Error | undefined;
  private readonly waiting = new Set<(error: Error) => void>();

  /** All who wait, now or later, are told; the first one counts. */
  raise(error: Error): void {
    if (this.error) return;
    this.error = error;
    for (const reject of this.waiting) reject(error);
    this.waiting.clear();
  }

  /** Settles as the work does, or rejects with the failure if that comes first. */
  during<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.error) reject(this.error);
      else this.waiting.add(reject);
      work.then(resolve, reject).finally(() => this.waiting.delete(reject));
    });
  }
}
