// `sweep`: trainings with every combination of hyperparameters, over the browsers of a Selenium Grid, judged by
// images that are held out of the training.
import { Command, InvalidArgumentError, Option } from 'commander';
import { BACKEND_CHOICES } from '../../engine/open.ts';
import { PRECISIONS, type Precision } from '../../engine/webgpu/shaders.ts';
import { InputError } from '../../errors.ts';
import type { Values } from '../../fleet/report.ts';
import { BROWSERS } from '../../hosts/find_browser.ts';
import { ACTIVATIONS, type Activation } from '../../network/activation.ts';
import { OPTIMIZERS, type Recipe } from '../../network/recipe.ts';
import { heldOutOf } from '../../training/held_out.ts';
import { DEFAULT_RECIPE, findRecipe, RECIPES } from '../../training/recipes.ts';
import { addDataOptions, chooseNetwork, type DataOptions, openData } from '../data.ts';
import { examples } from '../examples.ts';
import { putOutFleet } from '../grid/fleet_output.ts';
import {
  addAddressOptions,
  addGridOptions,
  chosenBrowser,
  type GridOptions,
  toSeeds,
} from '../grid/grid_options.ts';
import { type RunOptions, toNumber } from '../options.ts';
import { withOutputs } from '../output_file.ts';
import { customised } from '../recipe_options.ts';

/** The hyperparameters by their options, each with its values; those left out are the recipe's. */
interface Swept {
  readonly layers?: readonly string[];
  readonly learningRate?: readonly number[];
  readonly batch?: readonly number[];
  readonly epochs?: readonly number[];
  readonly dropout?: readonly number[];
  readonly labelSmoothing?: readonly number[];
  readonly weightDecay?: readonly number[];
  readonly seeds?: readonly number[];
}

/** As reports name them. */
const AXES = {
  layers: 'network',
  learningRate: 'learning rate',
  batch: 'batch',
  epochs: 'epochs',
  dropout: 'dropout',
  labelSmoothing: 'label smoothing',
  weightDecay: 'weight decay',
  seeds: 'seed',
} as const satisfies { readonly [S in keyof Swept]-?: string };

interface Options extends Omit<RunOptions, 'port' | 'address'>, DataOptions, Swept, GridOptions {
  readonly recipe: string;
  readonly optimizer?: Recipe['optimizer']['kind'];
  readonly activation?: Activation;
  readonly distortion?: string;
  readonly threads?: number;
  readonly holdOut?: number;
  readonly trainLimit?: number;
  readonly precision?: Precision;
  readonly html?: string;
}

export function sweepCommand(): Command {
  const command = addDataOptions(
    new Command('sweep').description(
      'Train with every combination of hyperparameters over a Selenium Grid, judged by held-out images.',
    ),
  )
    .addOption(new Option('--backend <name>', 'what computes').choices(BACKEND_CHOICES).default('auto'))
    .addOption(new Option('--runtime <name>', 'in this browser alone (default: in all)').choices(BROWSERS))
    .addOption(
      new Option('--recipe <name>', 'where the sweep starts from')
        .choices(Object.keys(RECIPES))
        .default(DEFAULT_RECIPE),
    )
    .option('--layers <networks>', 'joined by commas, as in 784-64-10,784-128-10', toTexts)
    .option('--learning-rate <numbers>', 'joined by commas: peaks of the schedule', toNumbers)
    .option('--batch <numbers>', 'joined by commas: images a step', toNumbers)
    .option('--epochs <numbers>', 'joined by commas: passes over the training images', toNumbers)
    .option('--dropout <numbers>', 'joined by commas: shares of the hidden units', toNumbers)
    .option('--label-smoothing <numbers>', 'joined by commas: shares of the targets', toNumbers)
    .option('--weight-decay <numbers>', 'joined by commas: of the kernels', toNumbers)
    .option('--seeds <numbers>', 'as in 1..5 or 1,2,5..9 (default: 1)', toSeeds)
    .addOption(new Option('--optimizer <name>', 'with its usual settings').choices(OPTIMIZERS))
    .addOption(new Option('--activation <name>', 'of the hidden units (default: relu)').choices(ACTIVATIONS))
    .option('--distortion <values>', 'none, or as train has it')
    .option('--threads <number>', 'of WASM (default: one for each processor)', toNumber)
    .option(
      '--hold-out <number>',
      'judge by the last so many training images (default: 10,000, or a sixth of a small data set)',
      toNumber,
    )
    .option('--train-limit <number>', 'only the first so many training images', toNumber)
    .addOption(
      new Option('--precision <name>', 'WebGPU: mixed takes products of float16').choices(PRECISIONS),
    );
  return addAddressOptions(addGridOptions(command))
    .option('--models <dir>', 'keep each model there (default: it stays in its browser)')
    .option('--json <file>', 'write the result as JSON')
    .option('--html <file>', 'write the report as a web page')
    .addHelpText(
      'after',
      examples(
        'sweep --grid http://localhost:4444 --learning-rate 0.007,0.014,0.028 --batch 64,128 --html sweep.html',
        'sweep --grid http://localhost:4444 --layers 784-64-10,784-128-10 --dropout 0,0.2 --seeds 1..3 --json sweep.json',
      ),
    )
    .action(sweepAndReport);
}

function toTexts(text: string): string[] {
  const texts = text.split(',').map((each) => each.trim());
  if (texts.includes('') || new Set(texts).size < texts.length)
    throw new InvalidArgumentError('Expected different values joined by commas.');
  return texts;
}

const toNumbers = (text: string) => toTexts(text).map(toNumber);

async function sweepAndReport(options: Options, command: Command): Promise<void> {
  if (options.grid === undefined)
    throw new InputError('sweep runs in the browsers of a Selenium Grid: say where with --grid <url>');
  const preset = findRecipe(options.recipe);
  const data = await openData(options);
  const networks = new Map<string, string>();
  for (const layers of options.layers ?? [undefined])
    networks.set(layers ?? '', await chooseNetwork(layers, preset.network, data));
  const holdOut = options.holdOut ?? heldOutOf((await data.load()).train.count);
  const { backend, threads, trainLimit, precision } = options;
  const jobOf = (values: Values) => {
    const chosen = chosenValues(options, values);
    const recipe = customised(preset.recipe, { ...options, ...chosen });
    const network = networks.get(chosen.layers ?? '')!;
    const engine = { backend, threads, precision };
    return { ...engine, network, recipe, seed: chosen.seeds ?? 1, holdOut, trainLimit };
  };
  const { trainOverGrid } = await import('../grid/train_fleet.ts');
  await withOutputs([options.json, options.html], async ([json, html]) => {
    const browser = chosenBrowser(command);
    const axes = axesOf(options);
    const ended = await trainOverGrid({ command: 'sweep', axes, jobOf, data, browser }, options);
    await putOutFleet(ended, { json, html });
  });
}

/** @throws InputError if no option has several values */
function axesOf(options: Swept): { [name: string]: readonly (number | string)[] } {
  const several = Object.entries(AXES).flatMap(([option, name]) => {
    const values = options[option as keyof Swept];
    return values && values.length > 1 ? [[name, values] as const] : [];
  });
  if (several.length === 0)
    throw new InputError(
      'nothing to sweep over: give options several values, as in --learning-rate 0.007,0.014 --batch 64,128',
    );
  return Object.fromEntries(several);
}

/** One value of each option, where it is given: the combination's, or the only one that it has. */
function chosenValues(options: Swept, values: Values) {
  const one = <T extends number | string>(option: keyof Swept, all: readonly T[] | undefined) =>
    (values[AXES[option]] as T | undefined) ?? all?.[0];
  return {
    layers: one('layers', options.layers),
    learningRate: one('learningRate', options.learningRate),
    batch: one('batch', options.batch),
    epochs: one('epochs', options.epochs),
    dropout: one('dropout', options.dropout),
    labelSmoothing: one('labelSmoothing', options.labelSmoothing),
    weightDecay: one('weightDecay', options.weightDecay),
    seeds: one('seeds', options.seeds),
  };
}
