// The network that trains, as it is looked into a few times a second: by whom, and what was seen last.
import type { Peek, Specimen } from './peek.ts';
import { Store } from './store.ts';

export interface NetworkState {
  readonly specimens: readonly Specimen[];
  /** Undefined until something trains. */
  readonly peek?: Peek;
  /** The specimen whose activity is shown. */
  readonly selected: number;
}

export class NetworkWatch extends Store<NetworkState> {
  private every = 0;

  /** @param ask tells the worker how often somebody looks */
  constructor(private readonly ask: (every: number) => void) {
    super({ specimens: [], selected: 0 });
  }

  /** @param every milliseconds between two looks at least; 0 for nobody looks */
  look(every: number): void {
    if (every === this.every) return;
    this.every = every;
    this.ask(every);
  }

  /** Other images, or another training; its worker may be new. */
  begin(specimens: readonly Specimen[]): void {
    this.update({ specimens, peek: undefined });
    this.ask(this.every);
  }

  receive(peek: Peek): void {
    this.updateInPace({ peek });
  }
}
