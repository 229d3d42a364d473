// lower(): a network and a recipe become a plan, plain data that any engine executes: buffers, and the kernel calls of
// one training step and of one evaluation step.
import { InputError } from '../errors.ts';
import { type Distortion, distortionConstants, MAX_NODES, nodesOf, smoothing } from './distortion.ts';
import type { ElementType, KernelName } from './kernels.ts';
import { droppedDraws, STREAM } from './random.ts';
import { checkRecipe, checkSeed, type Optimizer, type Recipe } from './recipe.ts';
import { checkNetwork, type Layer, layersOf, type NetworkSpec } from './spec.ts';

export interface BufferSpec {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /**
   * `parameter` and `state` (the optimizer's) outlive a step and are what a checkpoint holds; `data` is written by
   * the host; `scratch` belongs to the step; `result` is read by the host.
   */
  readonly role: 'parameter' | 'state' | 'data' | 'scratch' | 'result';
}

/** One kernel with its operands bound to buffers of the plan. */
export interface KernelCall {
  readonly kernel: KernelName;
  /** Operand name to buffer name. */
  readonly operands: { readonly [operand: string]: string };
  readonly constants: { readonly [constant: string]: number };
}

export const PHASES = ['train', 'evaluate'] as const;
/** `train` works on trainImages in trainOrder, `evaluate` on testImages in testOrder without dropout or smoothing. */
export type Phase = (typeof PHASES)[number];

export interface Plan {
  readonly network: NetworkSpec;
  readonly recipe: Recipe;
  readonly seed: number;
  /** Rows that the buffers of a step have room for, by phase. */
  readonly batch: { readonly [P in Phase]: number };
  readonly buffers: { readonly [name: string]: BufferSpec };
  readonly calls: { readonly [P in Phase]: readonly KernelCall[] };
  /** What the host writes to buffers of the role `data` before the first step, beside the data set. */
  readonly constants: { readonly [buffer: string]: Float32Array | Uint32Array };
}

/** Steps that one `run` may execute: the rows of the `metrics` buffer. */
export const MAX_STEPS_PER_RUN = 512;

/** Rows of an evaluation step: large enough to fill a device, small enough to stay in cache. */
const EVALUATION_BATCH = 256;

/** Pixels are scaled to [0, 1]; zero stays zero, which sparse kernels rely on. */
export const PIXEL_SCALE = 1 / 255;

export interface LowerOptions {
  readonly network: NetworkSpec;
  readonly recipe: Recipe;
  readonly seed: number;
  /** Sample counts of the data set; 0 training samples make a plan that only evaluates. */
  readonly samples: { readonly train: number; readonly test: number };
  /** Of the images, for a recipe that distorts them; left out, they are square. */
  readonly image?: { readonly width: number; readonly height: number };
}

/**
 * Lowers a network and a recipe to the kernel calls of one step.
 * @throws InputError naming the number that is wrong or the limit that was crossed
 */
export function lower(options: LowerOptions): Plan {
  const network = checkNetwork(options.network);
  const recipe = checkRecipe(options.recipe);
  const seed = checkSeed(options.seed);
  const { train, test } = options.samples;
  if (train > 0 && recipe.batch > train) {
    throw new InputError(`batch of ${recipe.batch}: expected at most the ${train} training samples`);
  }
  const layers = layersOf(network);
  const classes = layers.at(-1)!.units;
  const batch = {
    train: train > 0 ? recipe.batch : 0,
    evaluate: Math.min(test, Math.max(EVALUATION_BATCH, recipe.batch)),
  };
  const rows = Math.max(batch.train, batch.evaluate);

  const buffers: Record<string, BufferSpec> = {};
  const add = (name: string, role: BufferSpec['role'], type: ElementType, ...shape: number[]) => {
    buffers[name] = { type, shape, role };
    return name;
  };

  for (const phase of PHASES) {
    const data = DATA_OF[phase];
    const samples = options.samples[data];
    if (samples === 0) continue;
    add(`${data}Images`, 'data', 'uint8', samples, layers[0].inputs);
    add(`${data}Labels`, 'data', 'uint8', samples);
    add(`${data}Order`, 'data', 'uint32', samples);
  }
  add('targets', 'scratch', 'uint32', rows);
  add('metrics', 'result', 'float32', MAX_STEPS_PER_RUN, 2);
  add('confusion', 'result', 'uint32', classes, classes);
  add('activation0', 'scratch', 'float32', rows, layers[0].inputs);
  for (const { index, inputs, units } of layers) {
    add(`kernel${index}`, 'parameter', 'float32', inputs, units);
    add(`bias${index}`, 'parameter', 'float32', units);
    add(`activation${index + 1}`, 'scratch', 'float32', rows, units);
    if (train === 0) continue;
    add(`dkernel${index}`, 'scratch', 'float32', inputs, units);
    add(`dbias${index}`, 'scratch', 'float32', units);
    add(`dactivation${index + 1}`, 'scratch', 'float32', rows, units);
    for (const state of OPTIMIZER_STATE[recipe.optimizer.kind]) {
      add(`${state}Kernel${index}`, 'state', 'float32', inputs, units);
      add(`${state}Bias${index}`, 'state', 'float32', units);
    }
  }
  const dlogits =
    train > 0 ? `dactivation${layers.length}` : add('dlogits', 'scratch', 'float32', rows, classes);

  const constants: Record<string, Float32Array | Uint32Array> = {};
  const addConstant = (name: string, values: Float32Array | Uint32Array, ...shape: number[]) => {
    constants[name] = values;
    return add(name, 'data', values instanceof Uint32Array ? 'uint32' : 'float32', ...shape);
  };
  /** Distorts a batch before it is gathered: then its rows are images that lie in order. */
  const distort = (distortion: Distortion): { call: KernelCall; source: ImageSource } => {
    const { width, height } = imageOf(layers[0].inputs, options.image);
    const [nodeRows, nodeColumns] = [nodesOf(height), nodesOf(width)];
    const { smoothness } = distortion;
    const distorted = add('batchImages', 'scratch', 'uint8', batch.train, layers[0].inputs);
    const distortedLabels = add('batchLabels', 'scratch', 'uint8', batch.train);
    const order = Uint32Array.from({ length: train }, (_, sample) => sample % batch.train);
    return {
      call: {
        kernel: 'distort',
        operands: {
          ...sourceOf('train'),
          smoothRows: addConstant('smoothRows', smoothing(height, smoothness), nodeRows, nodeRows),
          smoothColumns: addConstant('smoothColumns', smoothing(width, smoothness), nodeColumns, nodeColumns),
          distorted,
          distortedLabels,
        },
        constants: { width, height, seed, stream: STREAM.distortion, ...distortionConstants(distortion) },
      },
      source: {
        images: distorted,
        labels: distortedLabels,
        order: addConstant('batchOrder', order, train),
      },
    };
  };

  const forward = (phase: Phase): KernelCall[] => {
    const training = phase === 'train';
    const distorting = training && recipe.distortion ? distort(recipe.distortion) : undefined;
    return [
      ...(distorting ? [distorting.call] : []),
      {
        kernel: 'gather_batch',
        operands: { ...(distorting?.source ?? sourceOf(phase)), x: 'activation0', targets: 'targets' },
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
            relu: hidden ? 1 : 0,
            ...dropoutConstants(hidden && training ? recipe.dropout : 0),
            seed,
            stream: STREAM.dropout + index,
          },
        };
      }),
      {
        kernel: 'softmax_cross_entropy',
        operands: { logits: `activation${layers.length}`, targets: 'targets', dlogits, metrics: 'metrics' },
        constants: { classes, ...targetWeights(training ? recipe.labelSmoothing : 0, classes) },
      },
    ];
  };

  const backward = (layer: Layer): KernelCall[] => {
    const { index, inputs, units } = layer;
    const x = `activation${index}`;
    const kernel = `kernel${index}`;
    const dy = `dactivation${index + 1}`;
    const calls: KernelCall[] = [
      {
        kernel: 'dense_backward_weight',
        operands: { x, dy, dkernel: `dkernel${index}`, dbias: `dbias${index}` },
        constants: { inputs, units },
      },
    ];
    if (index > 0) {
      calls.push({
        kernel: 'dense_backward_input',
        operands: { dy, kernel, x, dx: `dactivation${index}` },
        constants: { inputs, units, scale: dropoutConstants(recipe.dropout).keptScale },
      });
    }
    return calls.concat(optimize(layer, recipe));
  };

  return {
    network,
    recipe,
    seed,
    batch,
    buffers,
    constants,
    calls: {
      train: train > 0 ? [...forward('train'), ...layers.toReversed().flatMap(backward)] : [],
      evaluate:
        test > 0
          ? [
              ...forward('evaluate'),
              {
                kernel: 'confusion',
                operands: {
                  logits: `activation${layers.length}`,
                  targets: 'targets',
                  confusion: 'confusion',
                },
                constants: { classes },
              },
            ]
          : [],
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

/** @throws InputError if the images are not as said, or not square */
function imageOf(inputs: number, image = squareOf(inputs)): { width: number; height: number } {
  const { width, height } = image;
  if (width * height !== inputs)
    throw new InputError(`distortion: expected images of ${inputs} pixels, not ${width}×${height}`);
  if (Math.max(nodesOf(width), nodesOf(height)) > MAX_NODES)
    throw new InputError(`distortion: images of ${width}×${height} pixels are too large, the limit is 56×56`);
  return image;
}

function squareOf(inputs: number): { width: number; height: number } {
  const side = Math.round(Math.sqrt(inputs));
  return { width: side, height: side };
}

/** Operands of the optimizer kernels that live from step to step. */
const OPTIMIZER_STATE = { sgd: ['velocity'], adamw: ['moment1', 'moment2'] } as const;

/**
 * The constants that a kernel takes of an optimizer, beside its count and weight decay. Differences are taken here, in double
 * precision: 1 − β₂ of a β₂ that was rounded to float32 is off by 10⁻⁵.
 */
function optimizerConstants(optimizer: Optimizer): KernelCall['constants'] {
  if (optimizer.kind === 'sgd') return { momentum: optimizer.momentum };
  const { beta1, beta2, epsilon } = optimizer;
  return { oneMinusBeta1: 1 - beta1, oneMinusBeta2: 1 - beta2, epsilon };
}

/** The constants that `dense_forward` takes of a dropout rate. */
function dropoutConstants(rate: number): { readonly dropped: number; readonly keptScale: number } {
  return { dropped: droppedDraws(rate), keptScale: 1 / (1 - rate) };
}

/** The weights of label smoothing in a row's loss: of each class, and of the label beside. */
function targetWeights(
  smoothing: number,
  classes: number,
): { readonly classWeight: number; readonly labelWeight: number } {
  return { classWeight: smoothing / classes, labelWeight: 1 - smoothing };
}

/** The update of a layer's kernel and bias; only the kernel decays. */
function optimize({ index, inputs, units }: Layer, { optimizer }: Recipe): KernelCall[] {
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

export const BYTES_PER_ELEMENT: { readonly [T in ElementType]: number } = { float32: 4, uint32: 4, uint8: 1 };

export type TypedArray = Float32Array | Uint32Array | Uint8Array;

/** Elements of a buffer. */
export function sizeOf({ shape }: Pick<BufferSpec, 'shape'>): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Bytes of a buffer. */
export function bytesOf(buffer: BufferSpec): number {
  return sizeOf(buffer) * BYTES_PER_ELEMENT[buffer.type];
}

const ARRAYS = { float32: Float32Array, uint32: Uint32Array, uint8: Uint8Array } as const;

/** A zeroed array of the element type, or a view of `bytes`. */
export function typedArray(
  type: ElementType,
  size: number | ArrayBufferLike,
  offset?: number,
  length?: number,
): TypedArray {
  const Constructor = ARRAYS[type];
  return typeof size === 'number'
    ? new Constructor(size)
    : new Constructor(size as ArrayBuffer, offset, length);
}

/**
 * What every executor asks of a write, before anything is written.
 * @throws Error if the plan has no such buffer; InputError if `data` is of another type, or longer than the buffer
 */
export function checkWrite({ buffers }: Plan, name: string, data: TypedArray): void {
  const spec = buffers[name];
  if (!spec) throw new Error(`the plan has no buffer "${name}"`);
  if (data instanceof ARRAYS[spec.type] && data.length <= sizeOf(spec)) return;
  throw new InputError(
    `buffer "${name}": a ${data.constructor.name} of ${data.length} elements, ` +
      `expected a ${ARRAYS[spec.type].name} of at most ${sizeOf(spec)}`,
  );
}

/** Names of a plan's buffers with one of the given roles, in the plan's order. */
export function buffersOf(plan: Plan, ...roles: BufferSpec['role'][]): string[] {
  return Object.keys(plan.buffers).filter((name) => roles.includes(plan.buffers[name].role));
}
