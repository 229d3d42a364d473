// What the laboratory does, one thing at a time: what is asked for meanwhile comes afterwards, and of that only the
// last.

/** What is under way. */
export interface Running {
  readonly what: 'check' | 'all' | 'time' | 'path';
  readonly share: number;
}

interface Listener {
  readonly changed: () => void;
  /** Something new begins. */
  readonly begin: () => void;
  readonly complain: (error: unknown) => void;
  /** What is under way is to make room. */
  readonly interrupt: (running: Running) => void;
}

type Job = () => Promise<void>;

export class WorkQueue {
  running: Running | undefined;
  private next: Job | undefined;

  constructor(private readonly listener: Listener) {}

  /** Settles when nothing is left to do, or when somebody else sees to it. */
  async work(job: Job): Promise<void> {
    const { listener } = this;
    if (this.running) {
      this.next = job;
      listener.interrupt(this.running);
      return;
    }
    for (let now: Job | undefined = job; now; now = this.next) {
      this.next = undefined;
      listener.begin();
      await now().catch(listener.complain);
      this.running = undefined;
    }
    listener.changed();
  }

  enter(running: Running): void {
    this.running = running;
    this.listener.changed();
  }

  /** What waits does not come any more. */
  forget(): void {
    this.next = undefined;
  }
}
