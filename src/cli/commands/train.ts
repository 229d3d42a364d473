// `train`: a network from a recipe and options.
import { Command, Option } from 'commander';
import { PRECISIONS, type Precision } from '../../engine/webgpu/shaders.ts';
import { InputError } from '../../errors.ts';
import type { TrainingIdentity } from '../../formats/checkpoint.ts';
import type { BrowserName } from '../../hosts/find_browser.ts';
import type { JobEvent } from '../../jobs/run.ts';
import { ACTIVATIONS } from '../../network/activation.ts';
import { OPTIMIZERS } from '../../network/recipe.ts';
import { countParameters, parseNetwork } from '../../network/spec.ts';
import { DEFAULT_RECIPE, findRecipe, RECIPES } from '../../training/recipes.ts';
import type { Checkpoint } from '../../training/report.ts';
import { CheckpointFolder, MAX_CHECKPOINT_BYTES } from '../checkpoint.ts';
import { addDataOptions, chooseNetwork, type DataOptions, type DataSource, openData } from '../data.ts';
import { examples } from '../examples.ts';
import { putOutFleet } from '../grid/fleet_output.ts';
import {
  addAddressOptions,
  addGridOptions,
  chosenBrowser,
  type GridOptions,
  refuseWithoutGrid,
  toSeeds,
} from '../grid/grid_options.ts';
import { abortOnInterrupt, addRunOptions, type RunOptions, runWhereAsked, toNumber } from '../options.ts';
import { note, noteEngine, TrainingProgress } from '../output.ts';
import { type Outputs, withOutputs } from '../output_file.ts';
import { customised, type RecipeOptions } from '../recipe_options.ts';
import { saveTraining } from '../save_training.ts';
import { lostText, movedText, printProfile, printSummary, tuningTable } from '../training_output.ts';

interface Options extends RunOptions, DataOptions, RecipeOptions, GridOptions {
  readonly layers?: string;
  readonly recipe: string;
  readonly seed: number;
  readonly seeds?: readonly number[];
  readonly threads?: number;
  readonly holdOut?: number;
  readonly trainLimit?: number;
  readonly precision?: Precision;
  readonly autotune?: boolean;
  readonly profile?: boolean;
  readonly checkpoint?: string;
  readonly checkpointSeconds?: number;
  readonly resume?: boolean;
  readonly out?: string;
  readonly html?: string;
}

/** Between two checkpoints at least: from a browser a large one takes a while. */
const CHECKPOINT_SECONDS = { node: 2, browser: 30 };

export function trainCommand(): Command {
  const command = addDataOptions(
    addRunOptions(new Command('train').description('Train a network, evaluate it, and save it.')),
  )
    .option(
      '--layers <widths>',
      "inputs first and classes last, or auto for what the data has: auto-128-auto (default: the recipe's)",
    )
    .addOption(
      new Option('--recipe <name>', 'how it is trained')
        .choices(Object.keys(RECIPES))
        .default(DEFAULT_RECIPE),
    )
    .option('--epochs <number>', 'passes over the training images', toNumber)
    .option('--batch <number>', 'images a step', toNumber)
    .addOption(new Option('--optimizer <name>', 'with its usual settings').choices(OPTIMIZERS))
    .addOption(new Option('--activation <name>', 'of the hidden units (default: relu)').choices(ACTIVATIONS))
    .option('--learning-rate <number>', "the schedule's peak", toNumber)
    .option('--weight-decay <number>', 'of the kernels', toNumber)
    .option('--dropout <number>', 'share of the hidden units', toNumber)
    .option('--label-smoothing <number>', 'share of the targets that all classes have', toNumber)
    .option(
      '--distortion <values>',
      'none, or as in rotation=12,scale=0.15,shear=0.15,shift=1.5,elastic=1,smoothness=5,rest=0',
    )
    .option('--seed <number>', 'of weights, order and dropout', toNumber, 1)
    .option('--threads <number>', 'of WASM (default: one for each processor)', toNumber)
    .option(
      '--hold-out <number>',
      'test on the last so many training images, not on the test images',
      toNumber,
    )
    .option('--train-limit <number>', 'only the first so many training images', toNumber)
    .addOption(
      new Option('--precision <name>', 'WebGPU: mixed takes products of float16').choices(PRECISIONS),
    )
    .option('--autotune', 'WebGPU: time the variants of each product first, and remember the fastest')
    .option('--profile', 'time each kernel of a step at the end')
    .option('--checkpoint <dir>', 'keep what it takes to go on with the training after an interruption')
    .option('--checkpoint-seconds <number>', 'seconds between two checkpoints at least', toNumber)
    .option('--resume', 'go on from the checkpoint, if there is one')
    .option('--out <file>', 'save the model as safetensors')
    .option('--html <file>', 'write a report as a web page')
    .option('--seeds <numbers>', 'of --grid: a training for each, as in 1..20 or 1,2,5..9', toSeeds);
  return addAddressOptions(addGridOptions(command))
    .option('--models <dir>', 'of --grid: keep each model there (default: it stays in its browser)')
    .addHelpText(
      'after',
      examples(
        'train --recipe quick --out model.safetensors --html report.html',
        'train --data emnist/letters --layers auto-256-auto --epochs 5 --json letters.json',
      ),
    )
    .action(trainAndReport);
}

async function trainAndReport(options: Options, command: Command): Promise<void> {
  if (options.grid !== undefined) return trainSeeds(options, chosenBrowser(command));
  const { seeds, address, port } = options;
  refuseWithoutGrid(options, { seeds, address, port });
  await withOutputs([options.out, options.json, options.html], (outputs) => trainInto(outputs, options));
}

/** A training for each seed, over a Grid. */
async function trainSeeds(options: Options, browser: BrowserName | undefined): Promise<void> {
  const { checkpoint, checkpointSeconds, resume, profile, out } = options;
  const alone = Object.entries({ checkpoint, 'checkpoint-seconds': checkpointSeconds, resume, profile, out });
  const given = alone.find(([, value]) => value !== undefined);
  if (given) {
    const instead = given[0] === 'out' ? '; --models <dir> keeps the models' : '';
    throw new InputError(`--${given[0]} is of one training, not of a run in a Selenium Grid${instead}`);
  }
  const preset = findRecipe(options.recipe);
  const data = await openData(options);
  const { backend, threads, holdOut, trainLimit, precision, autotune } = options;
  const network = await chooseNetwork(options.layers, preset.network, data);
  const recipe = customised(preset.recipe, options);
  const engine = { backend, threads, precision, autotune };
  const { trainOverGrid } = await import('../grid/train_fleet.ts');
  await withOutputs([options.json, options.html], async ([json, html]) => {
    const ended = await trainOverGrid(
      {
        command: 'train',
        axes: { seed: options.seeds ?? [options.seed] },
        jobOf: ({ seed }) => ({ ...engine, network, recipe, seed: Number(seed), holdOut, trainLimit }),
        data,
        browser,
      },
      options,
    );
    await putOutFleet(ended, { json, html });
  });
}

async function trainInto(outputs: Outputs, options: Options): Promise<void> {
  const preset = findRecipe(options.recipe);
  const data = await openData(options);
  const job = {
    kind: 'train',
    backend: options.backend,
    threads: options.threads,
    network: await chooseNetwork(options.layers, preset.network, data),
    recipe: customised(preset.recipe, options),
    seed: options.seed,
    holdOut: options.holdOut,
    trainLimit: options.trainLimit,
    precision: options.precision,
    autotune: options.autotune,
    profile: options.profile,
  } as const;
  const folder = await checkpointFolder(options, job, data);
  const resume = options.resume ? await checkpointToResume(folder) : undefined;
  if (resume) note(`going on after epoch ${resume.epochs.length} of ${job.recipe.epochs}`);

  const progress = new TrainingProgress();
  const onEvent = (event: JobEvent) => {
    if (event.kind === 'engine') {
      note(`${job.network}, recipe ${job.recipe.name}, seed ${job.seed}`);
      noteEngine(event.info, event.passedOver);
    }
    if (event.kind === 'moved') note(movedText(event));
    if (event.kind === 'tuned') note(tuningTable(event.rows));
    if (event.kind === 'lost') note(lostText(event));
    if (event.kind === 'progress') progress.update(event.progress);
    if (event.kind === 'epoch') progress.epoch(event.report);
    if (event.kind === 'snapshot') folder?.write(event.snapshot);
  };
  const signal = abortOnInterrupt();
  const snapshotSeconds = folder && secondsBetweenCheckpoints(options);
  const control = { onEvent, signal, gate: () => folder?.getOn() };
  const outcome = await runWhereAsked({ ...job, resume, snapshotSeconds }, options, control, data).finally(
    () => progress.stop(),
  );
  const kept = await folder?.settled();
  const saved = [...(kept ? [kept] : []), ...(await saveTraining(outcome, outputs, data, options))];
  printSummary(outcome);
  if (options.profile) printProfile(outcome.profile);
  for (const { what, place, problem } of saved) if (problem === undefined) note(`${what}: ${place}`);
  const problems = saved.flatMap(({ problem }) => problem ?? []);
  if (problems.length > 0) throw new Error(problems.join('; '));
  const { deviceLost, stopped } = outcome.report;
  if (deviceLost !== undefined && stopped) process.exitCode = 1;
}

/** @throws InputError if checkpoints are asked for that cannot be made */
async function checkpointFolder(
  { checkpoint, checkpointSeconds, resume, backend }: Options,
  job: Omit<TrainingIdentity, 'data'>,
  data: DataSource,
): Promise<CheckpointFolder | undefined> {
  if (checkpoint === undefined) {
    if (checkpointSeconds !== undefined)
      throw new InputError(
        '--checkpoint-seconds is of checkpoints: say where they are with --checkpoint <dir>',
      );
    if (!resume) return undefined;
    throw new InputError('--resume goes on from a checkpoint: say where it is with --checkpoint <dir>');
  }
  if (backend === 'tfjs')
    throw new InputError(
      "--checkpoint: tfjs does not tell its optimizer's state; choose webgpu, wasm or auto",
    );
  if (checkpointSeconds !== undefined && !(checkpointSeconds >= 0))
    throw new InputError(`--checkpoint-seconds ${checkpointSeconds}: expected 0 or more`);
  const states = job.recipe.optimizer.kind === 'adamw' ? 2 : 1;
  const bytes = 4 * (1 + states) * countParameters(parseNetwork(job.network));
  if (bytes > MAX_CHECKPOINT_BYTES)
    throw new InputError(
      `--checkpoint: ${job.network} and its optimizer have ${bytes} bytes, expected at most ${MAX_CHECKPOINT_BYTES}`,
    );
  const identity = { ...job, data: data.identity };
  return CheckpointFolder.open(checkpoint, identity, (why) => note(`${why}; the training goes on`));
}

/** @returns undefined if there is none yet */
async function checkpointToResume(folder: CheckpointFolder | undefined): Promise<Checkpoint | undefined> {
  const found = await folder?.read();
  if (found?.damage !== undefined) note(`${found.damage}; taking the one before it`);
  return found?.checkpoint;
}

function secondsBetweenCheckpoints({ checkpointSeconds, runtime }: Options): number {
  return checkpointSeconds ?? CHECKPOINT_SECONDS[runtime === 'node' ? 'node' : 'browser'];
}
