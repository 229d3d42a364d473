// Who competes: what a contestant can do, and one with a clock.

/** Something that can do the work of a case. It is opened where the work begins. */
export interface Contestant {
  readonly name: string;
  readonly version: string;
  readonly threads: number;
  /** Back to the work's parameters and velocities; left out where running changes nothing. */
  begin?(): Promise<void>;
  /** Does the work `count` times. */
  run(count: number): Promise<void>;
  /** The results that are held against the oracle's. */
  answer(): Promise<Float32Array>;
  dispose(): void;
}

/** A contestant with a clock, here or in a worker of its own. */
export interface Entrant extends Omit<Contestant, 'begin' | 'run' | 'dispose'> {
  /** It may be called again. */
  dispose(): void;
  /**
   * Milliseconds that each of `samples` samples took: `count` times the work each, from where the work
   * begins.
   */
  time(count: number, samples: number): Promise<number[]>;
}

export function entrant(contestant: Contestant): Entrant {
  const { name, version, threads } = contestant;
  let moved = false;
  let disposed = false;
  const begin = async () => {
    if (moved) await contestant.begin?.();
    moved = true;
  };
  return {
    name,
    version,
    threads,
    async answer() {
      await begin();
      return contestant.answer();
    },
    dispose() {
      if (!disposed) contestant.dispose();
      disposed = true;
    },
    async time(count, samples) {
      // Outside the clock, and the same for all: no turn goes on where the one before it led.
      await begin();
      const times: number[] = [];
      for (let n = 0; n < samples; n++) {
        const begin = performance.now();
        await contestant.run(count);
        times.push(performance.now() - begin);
      }
      return times;
    },
  };
}
