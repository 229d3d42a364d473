// lower(): a network and a recipe become a plan.
import { InputError } from '../errors.ts';
import { ACTIVATION_CODES } from './activation.ts';
import { dropoutConstants, optimizerConstants, targetWeights } from './constants.ts';
import type { Distortion } from './distortion.ts';
import { distortionConstants, imageOf, nodesOf, smoothing } from './distortion_field.ts';
import { evaluationRows } from './evaluation_batch.ts';
import type { ElementType } from './kernels.ts';
import {
  type BufferSpec,
  type KernelCall,
  MAX_STEPS_PER_RUN,
  PHASES,
  type Phase,
  type Plan,
} from './plan.ts';
import { STREAM } from './random.ts';
import { activationOf, checkRecipe, checkSeed, type Recipe } from './recipe.ts';
import { checkNetwork, type Layer, layersOf, type NetworkSpec } from './spec.ts';

/** Pixels are scaled to [0, 1]; zero stays zero, which sparse kernels rely on. */
export const PIXEL_SCALE = 1 / 255;

export interface LowerOptions {
  readonly network: NetworkSpec;
  readonly recipe: Recipe;
  readonly seed: number;
  /** Sample counts of the data set; 0 training samples make a plan that only evaluates. */
  readonly samples: { readonly train: number; readonly test: number };
  /** The images' size, for a recipe that distorts them; left out, they are square. */
  readonly image?: { readonly width: number; readonly height: number };
  /** The engine's; left out, EVALUATION_BATCH. A very wide network gets fewer rows. */
  readonly evaluationBatch?: number;
}

/**
 * Lowers a network and a recipe to the kernel calls of one step.
 * @throws InputError naming the number that is wrong or the limit that was crossed
 */
export function lower(options: LowerOptions): Plan {
  const job = checked(options);
  const { network, recipe, seed, samples, batch } = job;
  const distorting = samples.train > 0 && recipe.distortion ? distort(job, recipe.distortion) : undefined;
  return {
    network,
    recipe,
    seed,
    batch,
    buffers: { ...buffersOfJob(job), ...distorting?.buffers },
    constants: distorting?.constants ?? {},
    calls: {
      train: samples.train > 0 ? trainingCalls(job, distorting) : [],
      evaluate: samples.test > 0 ? evaluationCalls(job) : [],
    },
  };
}

/** The options, and what follows from them. */
interface Job extends LowerOptions {
  readonly layers: readonly Layer[];
  readonly classes: number;
  readonly batch: Plan['batch'];
}

function checked(options: LowerOptions): Job {
  const network = checkNetwork(options.network);
  const recipe = checkRecipe(options.recipe);
  const seed = checkSeed(options.seed);
  const { train, test } = options.samples;
  if (train > 0 && recipe.batch > train) {
    throw new InputError(`batch of ${recipe.batch}: expected at most the ${train} training samples`);
  }
  const layers = layersOf(network);
  const batch = {
    train: train > 0 ? recipe.batch : 0,
    evaluate: Math.min(test, Math.max(evaluationRows(network, options.evaluationBatch), recipe.batch)),
  };
  return { ...options, network, recipe, seed, layers, classes: layers.at(-1)!.units, batch };
}

type Buffers = Plan['buffers'];

function buffer(role: BufferSpec['role'], type: ElementType, ...shape: number[]): BufferSpec {
  return { type, shape, role };
}

function buffersOfJob(job: Job): Buffers {
  const { layers, classes, batch, samples } = job;
  const rows = Math.max(batch.train, batch.evaluate);
  return {
    ...Object.assign({}, ...PHASES.map((phase) => dataBuffers(job, phase))),
    targets: buffer('scratch', 'uint32', rows),
    metrics: buffer('result', 'float32', MAX_STEPS_PER_RUN, 2),
    confusion: buffer('result', 'uint32', classes, classes),
    activation0: buffer('scratch', 'float32', rows, layers[0].inputs),
    ...Object.assign({}, ...layers.map((layer) => layerBuffers(job, layer, rows))),
    // A plan that trains has dactivation of the last layer.
    ...(samples.train > 0 ? {} : { dlogits: buffer('scratch', 'float32', rows, classes) }),
  };
}

function dataBuffers({ samples, layers }: Job, phase: Phase): Buffers {
  const data = DATA_OF[phase];
  const count = samples[data];
  if (count === 0) return {};
  return {
    [`${data}Images`]: buffer('data', 'uint8', count, layers[0].inputs),
    [`${data}Labels`]: buffer('data', 'uint8', count),
    [`${data}Order`]: buffer('data', 'uint32', count),
  };
}

function layerBuffers({ recipe, samples }: Job, { index, inputs, units }: Layer, rows: number): Buffers {
  const forward = {
    [`kernel${index}`]: buffer('parameter', 'float32', inputs, units),
    [`bias${index}`]: buffer('parameter', 'float32', units),
    [`activation${index + 1}`]: buffer('scratch', 'float32', rows, units),
  };
  if (samples.train === 0) return forward;
  const states = OPTIMIZER_STATE[recipe.optimizer.kind].map((state) => ({
    [`${state}Kernel${index}`]: buffer('state', 'float32', inputs, units),
    [`${state}Bias${index}`]: buffer('state', 'float32', units),
  }));
  return {
    ...forward,
    [`dkernel${index}`]: buffer('scratch', 'float32', inputs, units),
    [`dbias${index}`]: buffer('scratch', 'float32', units),
    [`dactivation${index + 1}`]: buffer('scratch', 'float32', rows, units),
    ...Object.assign({}, ...states),
  };
}

function trainingCalls(job: Job, distorting: Distorting | undefined): KernelCall[] {
  return [
    ...(distorting ? [distorting.call] : []),
    ...forwardCalls(job, 'train', distorting?.source),
    ...job.layers.toReversed().flatMap((layer) => backwardCalls(job, layer)),
  ];
}

function evaluationCalls(job: Job): KernelCall[] {
  const { layers, classes } = job;
  return [
    ...forwardCalls(job, 'evaluate'),
    {
      kernel: 'confusion',
      operands: { logits: `activation${layers.length}`, targets: 'targets', confusion: 'confusion' },
      constants: { classes },
    },
  ];
}

/** From images to the loss and its gradient. */
function forwardCalls(
  { layers, classes, recipe, seed, samples }: Job,
  phase: Phase,
  source: ImageSource = sourceOf(phase),
): KernelCall[] {
  const training = phase === 'train';
  const logits = `activation${layers.length}`;
  const dlogits = samples.train > 0 ? `d${logits}` : 'dlogits';
  return [
    {
      kernel: 'gather_batch',
      operands: { ...source, x: 'activation0', targets: 'targets' },
      constants: { inputs: layers[0].inputs, scale: PIXEL_SCALE },
    },
    ...layers.map(({ index, inputs, units }): KernelCall => {
      const hidden = index < layers.length - 1;
      return {
        kernel: 'dense_forward',
        operands: {
          x: `activation${index}`,
          kernel: `kernel${index}`,
          bias: `bias${index}`,
          y: `activation${index + 1}`,
        },
        constants: {
          inputs,
          units,
          activation: ACTIVATION_CODES[hidden ? activationOf(recipe) : 'linear'],
          ...dropoutConstants(hidden && training ? recipe.dropout : 0),
          seed,
          stream: STREAM.dropout + index,
        },
      };
    }),
    {
      kernel: 'softmax_cross_entropy',
      operands: { logits, targets: 'targets', dlogits, metrics: 'metrics' },
      constants: { classes, ...targetWeights(training ? recipe.labelSmoothing : 0, classes) },
    },
  ];
}

/** A layer's gradients, and the update of its parameters. */
function backwardCalls({ recipe }: Job, layer: Layer): KernelCall[] {
  const { index, inputs, units } = layer;
  const x = `activation${index}`;
  const dy = `dactivation${index + 1}`;
  const weight: KernelCall = {
    kernel: 'dense_backward_weight',
    operands: { x, dy, dkernel: `dkernel${index}`, dbias: `dbias${index}` },
    constants: { inputs, units },
  };
  const input: KernelCall = {
    kernel: 'dense_backward_input',
    operands: { dy, kernel: `kernel${index}`, x, dx: `dactivation${index}` },
    constants: {
      inputs,
      units,
      activation: ACTIVATION_CODES[activationOf(recipe)],
      scale: dropoutConstants(recipe.dropout).keptScale,
    },
  };
  // Nobody needs the gradient of the pixels.
  return [weight, ...(index > 0 ? [input] : []), ...updateCalls(layer, recipe)];
}

/** A batch that is distorted before it is gathered: then its rows are images that lie in order. */
interface Distorting {
  readonly call: KernelCall;
  readonly source: ImageSource;
  readonly buffers: Buffers;
  readonly constants: Plan['constants'];
}

function distort({ layers, samples, batch, seed, image }: Job, distortion: Distortion): Distorting {
  const { inputs } = layers[0];
  const { width, height } = imageOf(inputs, image);
  const [nodeRows, nodeColumns] = [nodesOf(height), nodesOf(width)];
  const { smoothness } = distortion;
  return {
    call: {
      kernel: 'distort',
      operands: {
        ...sourceOf('train'),
        smoothRows: 'smoothRows',
        smoothColumns: 'smoothColumns',
        distorted: 'batchImages',
        distortedLabels: 'batchLabels',
      },
      constants: { width, height, seed, stream: STREAM.distortion, ...distortionConstants(distortion) },
    },
    source: { images: 'batchImages', labels: 'batchLabels', order: 'batchOrder' },
    buffers: {
      batchImages: buffer('scratch', 'uint8', batch.train, inputs),
      batchLabels: buffer('scratch', 'uint8', batch.train),
      smoothRows: buffer('data', 'float32', nodeRows, nodeRows),
      smoothColumns: buffer('data', 'float32', nodeColumns, nodeColumns),
      batchOrder: buffer('data', 'uint32', samples.train),
    },
    constants: {
      smoothRows: smoothing(height, smoothness),
      smoothColumns: smoothing(width, smoothness),
      batchOrder: Uint32Array.from({ length: samples.train }, (_, sample) => sample % batch.train),
    },
  };
}

/** Where a batch is gathered from. */
interface ImageSource {
  readonly images: string;
  readonly labels: string;
  readonly order: string;
}

const DATA_OF = { train: 'train', evaluate: 'test' } as const;

function sourceOf(phase: Phase): ImageSource {
  const data = DATA_OF[phase];
  return { images: `${data}Images`, labels: `${data}Labels`, order: `${data}Order` };
}

/** Operands of the optimizer kernels that live from step to step. */
const OPTIMIZER_STATE = { sgd: ['velocity'], adamw: ['moment1', 'moment2'] } as const;

/** The update of a layer's kernel and bias; only the kernel decays. */
function updateCalls({ index, inputs, units }: Layer, { optimizer }: Recipe): KernelCall[] {
  const { kind, weightDecay } = optimizer;
  return (['Kernel', 'Bias'] as const).map((tensor) => {
    const name = `${tensor.toLowerCase()}${index}`;
    return {
      kernel: kind,
      operands: {
        parameter: name,
        gradient: `d${name}`,
        ...Object.fromEntries(OPTIMIZER_STATE[kind].map((state) => [state, `${state}${tensor}${index}`])),
      },
      constants: {
        count: tensor === 'Kernel' ? inputs * units : units,
        ...optimizerConstants(optimizer),
        weightDecay: tensor === 'Kernel' ? weightDecay : 0,
      },
    };
  });
}
