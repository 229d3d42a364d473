// A state that views draw.
import { pace } from './pace.ts';

export class Store<State> {
  private frameRequested = false;
  private readonly listeners = new Set<() => void>();

  constructor(public state: State) {}

  /** Called before the next frame whenever the state has changed. @returns what ends that */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  update(changes: Partial<State>): void {
    this.state = { ...this.state, ...changes };
    if (this.frameRequested) return;
    this.frameRequested = true;
    requestAnimationFrame(() => {
      this.frameRequested = false;
      this.tell();
    });
  }

  /** For what changes many times a second by itself: listeners hear of it when the page's pace allows. */
  updateInPace(changes: Partial<State>): void {
    this.state = { ...this.state, ...changes };
    pace.ask(this.tell);
  }

  /** For who did not listen when the state changed. */
  readonly tell = (): void => {
    for (const listener of this.listeners) listener();
  };
}
