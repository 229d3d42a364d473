// The tutorial's network as a plan: the lab executes it, the page shows its kernel calls with their shapes.
import { lower } from '../../network/lower.ts';
import type { Plan } from '../../network/plan.ts';
import { DEFAULT_OPTIMIZERS, type Optimizer, type Recipe } from '../../network/recipe.ts';

/** What the reader chooses of the network and its training. */
export interface LabSettings {
  /** Units of the hidden layer. */
  readonly hidden: number;
  readonly optimizer: Optimizer['kind'];
}

/** What a data set has to say for a plan. */
export interface LabData {
  /** Pixels of an image. */
  readonly inputs: number;
  readonly classes: number;
  /** Images. */
  readonly train: number;
  readonly test: number;
}

export const BATCH = 64;
export const SEED = 1;

/** Plain SGD is w ← w − rate·dw, without momentum. */
const OPTIMIZERS: { readonly [K in Optimizer['kind']]: Optimizer } = {
  sgd: { kind: 'sgd', momentum: 0, weightDecay: 0 },
  adamw: DEFAULT_OPTIMIZERS.adamw,
};

/** One hidden layer; the learning rate is each step's own. */
export function labPlan({ hidden, optimizer }: LabSettings, { inputs, classes, train, test }: LabData): Plan {
  const recipe: Recipe = {
    name: 'lab',
    epochs: 1,
    batch: BATCH,
    optimizer: OPTIMIZERS[optimizer],
    learningRate: 0.1,
    schedule: { kind: 'constant' },
    initialisation: 'he',
    dropout: 0,
    labelSmoothing: 0,
  };
  return lower({
    network: { widths: [inputs, hidden, classes] },
    recipe,
    seed: SEED,
    samples: { train, test },
  });
}
