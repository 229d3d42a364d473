// Sessions that were asked for: how many of each kind are on their way, and when a kind that the Grid could not
// start is asked for again.

/** Milliseconds. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 60_000;

interface Trouble {
  readonly times: number;
  /** When it may be asked for again: performance.now(). */
  readonly until: number;
  readonly why: string;
}

export class Openings {
  private readonly coming = new Map<string, number>();
  /** Sessions whose place is known. */
  private readonly arrived = new Set<string>();
  private readonly troubles = new Map<string, Trouble>();

  /** Sessions on their way. */
  get byKind(): ReadonlyMap<string, number> {
    return this.coming;
  }

  get count(): number {
    return [...this.coming.values()].reduce((sum, each) => sum + each, 0);
  }

  /** Whether the kind may be asked for now. */
  may(kind: string): boolean {
    return performance.now() >= (this.troubles.get(kind)?.until ?? 0);
  }

  begin(kind: string): void {
    this.coming.set(kind, (this.coming.get(kind) ?? 0) + 1);
  }

  /** The session is there, and its slot is known. */
  arrive(kind: string, session: string): void {
    if (this.arrived.has(session)) return;
    this.arrived.add(session);
    this.leave(kind);
  }

  /** The session has ended, wherever it came to. */
  settle(kind: string, session: string): void {
    this.arrive(kind, session);
    this.arrived.delete(session);
  }

  /**
   * The session could not be opened.
   * @returns whether the reason is another than the last time
   */
  fail(kind: string, why: string): boolean {
    this.leave(kind);
    const news = this.troubles.get(kind)?.why !== why;
    this.hold(kind, why);
    return news;
  }

  /** The session has ended. @param useful it had work */
  end(kind: string, useful: boolean): void {
    if (useful) this.troubles.delete(kind);
    else this.hold(kind, '');
  }

  private leave(kind: string): void {
    this.coming.set(kind, Math.max(0, (this.coming.get(kind) ?? 0) - 1));
  }

  /** Waits longer each time. */
  private hold(kind: string, why: string): void {
    const times = (this.troubles.get(kind)?.times ?? 0) + 1;
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (times - 1));
    this.troubles.set(kind, { times, until: performance.now() + pause, why });
  }
}
