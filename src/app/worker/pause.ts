// Pauses a training, and lets a paused one take single steps.
import { answerMessages } from '../../hosts/browser/answer_messages.ts';

export class Pause {
  /** While it is paused: what wakes it, to go on or for a step. */
  private closed: { readonly promise: Promise<void>; readonly open: () => void } | undefined;
  /** That a paused training may do. */
  private steps = 0;

  get on(): boolean {
    return this.closed !== undefined;
  }

  begin(): void {
    this.closed ??= closedGate();
  }

  end(): void {
    this.closed?.open();
    this.closed = undefined;
    this.steps = 0;
  }

  /** One step of a paused training, which stays paused. */
  step(): void {
    if (!this.closed) return;
    this.steps++;
    this.closed.open();
    this.closed = closedGate();
  }

  /** Awaited between runs of steps. */
  readonly gate = async (): Promise<void> => {
    await answerMessages();
    while (this.closed && this.steps === 0) await this.closed.promise;
    if (this.closed) this.steps--;
  };
}

function closedGate() {
  let open = () => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}
