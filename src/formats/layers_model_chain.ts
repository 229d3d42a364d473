// The dense layers that a chain of tfjs layers makes.
import * as v from 'valibot';
import { InputError } from '../errors.ts';
import { type Activation, LEAK } from '../network/activation.ts';
import { elementsOf } from '../network/plan.ts';
import { LIMITS } from '../network/spec.ts';
import { type DenseLayer, type DenseStack, imageOfShape } from './dense_stack.ts';
import type { LayerWeight } from './layers_model_weights.ts';

export interface LayerConfig {
  readonly name: string;
  /** Its class, such as Dense. */
  readonly kind: string;
  readonly config: { readonly [key: string]: unknown };
}

const ACTIVATIONS = ['linear', 'relu', 'tanh', 'sigmoid'] as const;
const NORMALISATIONS = ['softmax', 'log_softmax', 'logSoftmax'];

const ACCEPTED =
  'accepted are Dense, with relu, LeakyReLU, tanh, sigmoid or linear between, Flatten and Rescaling by 1/255 before, ' +
  'Dropout, and softmax at the end';

function refusal({ name, kind }: LayerConfig, why = 'no part of a dense network'): InputError {
  return new InputError(`layer ${name} (${kind}): ${why}; ${ACCEPTED}`);
}

const denseSchema = v.object({
  units: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  activation: v.nullish(v.string(), 'linear'),
  use_bias: v.optional(v.boolean(), true),
});

const shapeSchema = v.array(v.nullable(v.number()));

export class DenseChain {
  private readonly layers: DenseLayer[] = [];
  private readonly unused: Set<string>;
  /** Of an image, without the batch, once a layer has told it. */
  private shape: readonly (number | null)[] | undefined;
  private flat = false;
  private scaled = false;
  /** The last layer has no activation yet. */
  private open = false;
  private normalised = false;

  private readonly adders: { readonly [kind: string]: (layer: LayerConfig) => void } = {
    InputLayer: (layer) => {
      if (this.layers.length > 0) throw refusal(layer);
    },
    Dense: (layer) => this.addDense(layer),
    Flatten: () => {
      this.flat = true;
    },
    Reshape: (layer) => this.reshape(layer),
    Rescaling: (layer) => this.rescale(layer),
    Dropout: () => {},
    Activation: (layer) => this.activateBy(layer, layer.config.activation),
    ReLU: (layer) => this.rectify(layer),
    LeakyReLU: (layer) => this.leak(layer),
    Softmax: (layer) => this.normalise(layer),
  };

  constructor(private readonly weights: ReadonlyMap<string, LayerWeight>) {
    this.unused = new Set(weights.keys());
  }

  /** @throws InputError if the layer is no part of a dense network */
  add(layer: LayerConfig): void {
    const { kind, config } = layer;
    if (this.normalised || !Object.hasOwn(this.adders, kind)) throw refusal(layer);
    const shape = v.safeParse(shapeSchema, config.batch_input_shape ?? config.batch_shape);
    if (shape.success && this.shape === undefined) this.shape = shape.output.slice(1);
    this.adders[kind](layer);
  }

  /** @throws InputError if a weight belongs to none of the layers */
  finish(): Pick<DenseStack, 'layers' | 'image'> {
    const [unused] = this.unused;
    if (unused !== undefined) throw new InputError(`weight ${unused}: no layer has it; ${ACCEPTED}`);
    return { layers: this.layers, image: imageOfShape((this.shape ?? []).map((extent) => extent ?? 0)) };
  }

  private addDense(layer: LayerConfig): void {
    const { name, config } = layer;
    if (this.layers.length === LIMITS.layers) throw refusal(layer, `the limit is ${LIMITS.layers} layers`);
    const { success, output } = v.safeParse(denseSchema, config);
    if (!success) throw refusal(layer, 'its units, activation or use_bias are missing or wrong');
    const { units, activation, use_bias } = output;
    const kernel = this.take(layer, 'kernel');
    const [inputs = 0] = kernel.shape;
    expectShape(kernel, inputs, units);
    const bias = use_bias ? this.take(layer, 'bias') : undefined;
    if (bias) expectShape(bias, units);
    if (this.layers.length === 0) this.checkInput(layer, inputs);
    this.layers.push({ name, inputs, units, kernel, bias, activation: 'linear' });
    this.open = true;
    if (activation !== 'linear') this.activateBy(layer, activation);
  }

  /** Converters put the names of models before those of layers. */
  private take(layer: LayerConfig, kind: 'kernel' | 'bias'): LayerWeight {
    const wanted = `${layer.name}/${kind}`;
    const names = [...this.unused].filter((name) => name === wanted || name.endsWith(`/${wanted}`));
    if (names.length !== 1) throw refusal(layer, `${names.length} weights ${wanted}, expected one`);
    this.unused.delete(names[0]);
    return this.weights.get(names[0])!;
  }

  /** A Dense layer works on the last axis of a tensor with more. */
  private checkInput(layer: LayerConfig, inputs: number): void {
    const { shape } = this;
    if (!shape) return;
    if (shape.length !== 1 && !this.flat)
      throw refusal(layer, 'expected a Flatten between it and the images');
    const known = shape.every((extent) => extent !== null);
    if (known && elementsOf(shape.map((extent) => extent ?? 1)) !== inputs) {
      throw refusal(layer, `${inputs} inputs, where an image has the shape [${shape.join(', ')}]`);
    }
  }

  /** To one axis. */
  private reshape(layer: LayerConfig): void {
    const target = layer.config.target_shape;
    if (!Array.isArray(target) || target.length !== 1) throw refusal(layer, 'expected one axis');
    this.flat = true;
  }

  /** Networks here take pixels that are divided by 255 already. */
  private rescale(layer: LayerConfig): void {
    const { scale, offset = 0 } = layer.config;
    const divided = typeof scale === 'number' && Math.abs(scale * 255 - 1) < 1e-6 && offset === 0;
    if (!divided || this.scaled || this.layers.length > 0) throw refusal(layer, 'another scale than 1/255');
    this.scaled = true;
  }

  private activateBy(layer: LayerConfig, activation: unknown): void {
    const known = ACTIVATIONS.find((each) => each === activation);
    if (known) this.activate(layer, known);
    else if (NORMALISATIONS.some((each) => each === activation)) this.normalise(layer);
    else
      throw refusal(layer, `the activation ${typeof activation === 'string' ? activation : 'has no name'}`);
  }

  private rectify(layer: LayerConfig): void {
    const { max_value: most, negative_slope: slope, threshold } = layer.config;
    if ((most ?? null) !== null || slope || threshold) throw refusal(layer, 'expected a plain ReLU');
    this.activate(layer, 'relu');
  }

  private leak(layer: LayerConfig): void {
    // A slope that is not told is that of tfjs.
    const slope = layer.config.alpha ?? layer.config.negative_slope ?? 0.3;
    if (typeof slope !== 'number' || Math.fround(slope) !== Math.fround(LEAK)) {
      throw refusal(layer, `another slope than ${LEAK}`);
    }
    this.activate(layer, 'leaky_relu');
  }

  private activate(layer: LayerConfig, activation: Activation): void {
    if (activation === 'linear') return;
    if (!this.open) throw refusal(layer, 'expected a layer without activation before it');
    this.layers.splice(-1, 1, { ...this.layers.at(-1)!, activation });
    this.open = false;
  }

  private normalise(layer: LayerConfig): void {
    const { axis = -1 } = layer.config;
    if (!this.open || (axis !== -1 && axis !== 1)) throw refusal(layer);
    this.normalised = true;
  }
}

function expectShape({ name, shape }: LayerWeight, ...expected: readonly number[]): void {
  if (shape.join() === expected.join()) return;
  throw new InputError(`weight ${name}: shape [${shape.join(', ')}], expected [${expected.join(', ')}]`);
}
