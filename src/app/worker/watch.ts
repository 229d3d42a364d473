// Looks into a network while it trains, a few times a second at most, and never for more than a small share
// of the training's time.
import type { Executor } from '../../engine/engine.ts';
import type { Parameters } from '../../network/initialisation.ts';
import type { Plan } from '../../network/plan.ts';
import { activationOf } from '../../network/recipe.ts';
import { readParameters } from '../../training/transfer.ts';
import type { Peek } from '../model/peek.ts';
import { lookInto } from './look.ts';

/** The time between two looks is at least so many times that of one look. */
const REST = 100;

export class Watch {
  /** Milliseconds between two looks at least; 0 for none. */
  private every = 0;
  private executor: Executor | undefined;
  private looking = false;
  /** The training paused while an earlier state was on its way. */
  private missed = false;
  private due = 0;
  /** Milliseconds of one look; the first ones take long, as their code is not compiled yet. */
  private cost = 1;

  /**
   * @param images pixels of what the network is asked
   * @param paused the training waits: its state is looked at in any case
   */
  constructor(
    private readonly images: readonly Uint8Array[],
    private readonly paused: () => boolean,
    private readonly show: (peek: Peek) => void,
  ) {}

  /** How often somebody looks. */
  ask(every: number): void {
    this.every = every;
    this.refresh();
  }

  /** Looks at a training that is paused. */
  refresh(): void {
    if (this.executor && this.paused()) this.look(this.executor);
  }

  /** Called before each run of steps. */
  readonly look = (executor: Executor): void => {
    this.executor = executor;
    if (this.every === 0 || this.images.length === 0) return;
    if (this.looking) this.missed = this.paused();
    else if (this.paused() || performance.now() >= this.due) void this.read(executor);
  };

  /** The last look, at what the training left. */
  end(plan: Pick<Plan, 'network' | 'recipe'>, parameters: Parameters): void {
    this.executor = undefined;
    if (this.images.length === 0) return;
    this.show(lookInto(plan.network, activationOf(plan.recipe), parameters, this.images));
  }

  private async read(executor: Executor): Promise<void> {
    this.looking = true;
    this.missed = false;
    const begin = performance.now();
    const reading = readParameters(executor);
    const begun = performance.now() - begin;
    try {
      const parameters = await reading;
      if (this.executor !== executor) return;
      const computing = performance.now();
      const { network, recipe } = executor.plan;
      this.show(lookInto(network, activationOf(recipe), parameters, this.images));
      const now = performance.now();
      this.cost = Math.min(begun + now - computing, 2 * this.cost);
      this.due = now + Math.max(this.every, REST * this.cost);
    } catch {
      // The device failed, as the training is about to tell; or it ended meanwhile.
    } finally {
      this.looking = false;
      if (this.missed) this.refresh();
    }
  }
}
