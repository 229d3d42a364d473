// Sessions on whose slots no job may run, kept for a while: the Grid, which is asked for another one meanwhile, is
// to give it another slot.
import { setTimeout as sleep } from 'node:timers/promises';

/** That a session is kept at most. */
const PARKED_SECONDS = 30;

interface Parked {
  readonly kind: string;
  readonly release: () => void;
  /** Settles when the session has ended. */
  readonly gone: Promise<void>;
}

export class Parking {
  private parked: readonly Parked[] = [];
  private readonly leaving = new Map<string, () => void>();

  /** Settles when the session is to end. */
  async park(kind: string, session: string, signal: AbortSignal): Promise<void> {
    const released = new Promise<void>((release) => {
      const gone = new Promise<void>((leave) => this.leaving.set(session, leave));
      this.parked = [...this.parked, { kind, release, gone }];
    });
    await Promise.race([released, sleep(1000 * PARKED_SECONDS, undefined, { signal })]);
  }

  /** Settles when all of the kind have ended: nothing is to be beside a benchmark. */
  async clear(kind: string): Promise<void> {
    const mine = this.parked.filter((each) => each.kind === kind);
    this.parked = this.parked.filter((each) => each.kind !== kind);
    for (const { release } of mine) release();
    await Promise.all(mine.map(({ gone }) => gone));
  }

  /** The session has ended, whether it was parked or not. */
  left(session: string): void {
    this.leaving.get(session)?.();
    this.leaving.delete(session);
  }
}
