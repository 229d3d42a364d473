// `train`: a network from a recipe and options.
import { basename, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { PRECISIONS, type Precision } from '../../engine/webgpu/shaders.ts';
import { InputError } from '../../errors.ts';
import { percent } from '../../evaluation/percent.ts';
import type { TrainingIdentity } from '../../formats/checkpoint.ts';
import type { TrainOutcome } from '../../jobs/job.ts';
import type { JobEvent } from '../../jobs/run.ts';
import { ACTIVATIONS, type Activation } from '../../network/activation.ts';
import { parseDistortion } from '../../network/distortion.ts';
import { DEFAULT_OPTIMIZERS, OPTIMIZERS, type Recipe } from '../../network/recipe.ts';
import { countParameters, parseNetwork } from '../../network/spec.ts';
import { DEFAULT_RECIPE, findRecipe, RECIPES } from '../../training/recipes.ts';
import type { Checkpoint } from '../../training/report.ts';
import { CheckpointFolder, MAX_CHECKPOINT_BYTES } from '../checkpoint.ts';
import {
  abortOnInterrupt,
  addDataOption,
  addRunOptions,
  type RunOptions,
  runWhereAsked,
  toNumber,
} from '../options.ts';
import {
  accuracyText,
  note,
  noteEngine,
  print,
  seconds,
  TrainingProgress,
  table,
  thousands,
} from '../output.ts';
import { type Outputs, withOutputs } from '../output_file.ts';
import { saveTraining } from '../save_training.ts';

interface Options extends RunOptions {
  readonly layers?: string;
  readonly recipe: string;
  readonly epochs?: number;
  readonly batch?: number;
  readonly optimizer?: Recipe['optimizer']['kind'];
  readonly activation?: Activation;
  readonly learningRate?: number;
  readonly distortion?: string;
  readonly dropout?: number;
  readonly weightDecay?: number;
  readonly labelSmoothing?: number;
  readonly seed: number;
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
  return addDataOption(
    addRunOptions(new Command('train').description('Train a network, evaluate it, and save it.')),
  )
    .option('--layers <widths>', "layer widths, inputs first and classes last (default: the recipe's)")
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
    .action(trainAndReport);
}

async function trainAndReport(options: Options): Promise<void> {
  await withOutputs([options.out, options.json, options.html], (outputs) => trainInto(outputs, options));
}

async function trainInto(outputs: Outputs, options: Options): Promise<void> {
  const preset = findRecipe(options.recipe);
  const job = {
    kind: 'train',
    backend: options.backend,
    threads: options.threads,
    network: options.layers ?? preset.network,
    recipe: customised(preset.recipe, options),
    seed: options.seed,
    holdOut: options.holdOut,
    trainLimit: options.trainLimit,
    precision: options.precision,
    autotune: options.autotune,
    profile: options.profile,
  } as const;
  parseNetwork(job.network);
  const folder = await checkpointFolder(options, job);
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
  const outcome = await runWhereAsked({ ...job, resume, snapshotSeconds }, options, {
    onEvent,
    signal,
    gate: () => folder?.getOn(),
  }).finally(() => progress.stop());
  const problems = [await folder?.settled(), ...(await saveTraining(outcome, outputs, options))].filter(
    (problem) => problem !== undefined,
  );
  printSummary(outcome);
  if (options.profile) printProfile(outcome.profile);
  if (problems.length > 0) throw new Error(problems.join('; '));
  const { deviceLost, stopped } = outcome.report;
  if (deviceLost !== undefined && stopped) process.exitCode = 1;
}

/** @throws InputError if checkpoints are asked for that cannot be made */
async function checkpointFolder(
  { checkpoint, checkpointSeconds, resume, backend, data }: Options,
  job: Omit<TrainingIdentity, 'data'>,
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
  const identity = { ...job, data: data === undefined ? 'MNIST' : basename(resolve(data)) };
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

function tuningTable(rows: Extract<JobEvent, { kind: 'tuned' }>['rows']): string {
  const variants = [...new Set(rows.flatMap(({ milliseconds }) => Object.keys(milliseconds)))];
  return table(
    ['shape', ...variants.map((variant) => `${variant} ms`), 'chosen'],
    rows.map(({ shape, milliseconds, chosen }) => [
      shape,
      ...variants.map((variant) => milliseconds[variant]?.toFixed(3) ?? ''),
      chosen,
    ]),
  );
}

function printProfile(profile: TrainOutcome['profile']): void {
  if (!profile) {
    note('no profile: this engine cannot tell its kernels apart (WASM does with --threads 1, WebGPU always)');
    return;
  }
  const total = profile.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const rows = profile.map(({ kernel, variant, milliseconds, operations, bytes }) => [
    kernel,
    variant ?? '',
    milliseconds.toFixed(3),
    percent(milliseconds / total, 0),
    (operations / milliseconds / 1e6).toFixed(1),
    (bytes / milliseconds / 1e6).toFixed(1),
  ]);
  print(table(['kernel', 'variant', 'ms', 'of step', 'GFLOP/s', 'GB/s'], rows));
}

function movedText({ from, to }: Extract<JobEvent, { kind: 'moved' }>): string {
  return `computed on ${from.join(' and ')} so far, goes on with ${to}: its bits will differ from those of a run without interruption`;
}

function lostText({ message, goesOn }: Extract<JobEvent, { kind: 'lost' }>): string {
  return `${message}; ${goesOn ? 'going on with WASM' : 'the last finished epoch is kept'}`;
}

/** The recipe, or a `custom` one where options take the place of its values. */
function customised(recipe: Recipe, options: Options): Recipe {
  const { epochs = recipe.epochs, batch = recipe.batch, learningRate = recipe.learningRate } = options;
  const sameOptimizer = options.optimizer === undefined || options.optimizer === recipe.optimizer.kind;
  const optimizer = sameOptimizer ? recipe.optimizer : DEFAULT_OPTIMIZERS[options.optimizer];
  const { dropout = recipe.dropout, labelSmoothing = recipe.labelSmoothing } = options;
  const { weightDecay = optimizer.weightDecay } = options;
  const distortion =
    options.distortion === undefined ? recipe.distortion : parseDistortion(options.distortion);
  const { activation = recipe.activation } = options;
  const changed = {
    ...recipe,
    epochs,
    batch,
    learningRate,
    optimizer: { ...optimizer, weightDecay },
    dropout,
    labelSmoothing,
    ...(activation && activation !== 'relu' && { activation }),
    ...(distortion && { distortion }),
  };
  return JSON.stringify(changed) === JSON.stringify(recipe) ? recipe : { ...changed, name: 'custom' };
}

function printSummary({ report, evaluation }: TrainOutcome): void {
  const { epochs, keptEpoch, stopped, recipe } = report;
  if (stopped) {
    const kept = keptEpoch > 0 ? `kept epoch ${keptEpoch}` : 'kept the unfinished first epoch';
    note(`stopped after ${epochs.length} of ${recipe.epochs} epochs; ${kept}`);
  }
  const speed = Math.max(0, ...epochs.map(({ imagesPerSecond }) => imagesPerSecond));
  print(`test accuracy ${accuracyText(evaluation)}, loss ${evaluation.loss.toFixed(4)}`);
  print(`${seconds(report.seconds)} in all, up to ${thousands(speed)} images/s`);
  const worst = evaluation.mistakes[0];
  if (worst) {
    print(
      `${thousands(evaluation.samples - evaluation.correct)} mistakes; the most confident: test image ` +
        `${worst.index}, a ${worst.label} read as ${worst.predicted} with ${percent(worst.probability, 1)}`,
    );
  }
  const { sha256 } = report.parameters;
  if (sha256 !== null) print(`parameters sha256 ${sha256}`);
}
