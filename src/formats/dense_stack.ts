// A stack of dense layers as another program's file describes it, and the model that it makes.
import { InputError } from '../errors.ts';
import { ACTIVATIONS, type Activation } from '../network/activation.ts';
import type { Parameters } from '../network/initialisation.ts';
import { checkNetwork, type NetworkSpec } from '../network/spec.ts';
import { checkFinite, type ImportedModel } from './model.ts';

/** A tensor of a file, decoded when all shapes are known to be right. */
export interface StoredTensor {
  /** As the file calls it. */
  readonly name: string;
  readonly read: () => Float32Array;
}

export interface DenseLayer {
  /** As the file calls it. */
  readonly name: string;
  readonly inputs: number;
  readonly units: number;
  /** [inputs, units] row-major */
  readonly kernel: StoredTensor;
  /** [units]; left out, zeros */
  readonly bias?: StoredTensor;
  readonly activation: Activation;
}

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

export interface DenseStack {
  /** The program or format that it comes from, in words. */
  readonly source: string;
  /** From the pixels to the logits. */
  readonly layers: readonly DenseLayer[];
  /** Where the file tells it. */
  readonly image?: ImageSize;
  /** What it was trained on, where the file tells it. */
  readonly dataset?: string;
}

export const ACCEPTED_ACTIVATIONS = `${ACTIVATIONS.slice(0, -1).join(', ')} or none`;

/**
 * @throws InputError naming the first layer that does not follow the one before, or has another activation than
 * the first, and the first number that is not finite
 */
export function modelOfStack(stack: DenseStack): ImportedModel {
  const { source, layers } = stack;
  const network = networkOf(layers);
  const activation = activationOfLayers(layers);
  const [inputs] = network.widths;
  const dataset = {
    name: stack.dataset ?? 'unknown data',
    ...imageSizeOf(inputs, stack.image),
    classes: network.widths.at(-1)!,
  };
  const parameters: Parameters = {};
  for (const [index, { units, kernel, bias }] of layers.entries()) {
    parameters[`kernel${index}`] = decoded(kernel);
    parameters[`bias${index}`] = bias ? decoded(bias) : new Float32Array(units);
  }
  return { network, source, activation, accuracy: undefined, dataset, parameters };
}

function networkOf(layers: readonly DenseLayer[]): NetworkSpec {
  if (layers.length === 0) throw new InputError('no dense layer, expected at least one');
  for (const [index, { name, inputs }] of layers.entries()) {
    const before = layers[index - 1];
    if (before && inputs !== before.units) {
      throw new InputError(
        `layer ${name}: ${inputs} inputs, expected ${before.units}, the units of ${before.name}`,
      );
    }
  }
  return checkNetwork({ widths: [layers[0].inputs, ...layers.map(({ units }) => units)] });
}

/** All hidden layers share one, and the last puts out logits. */
function activationOfLayers(layers: readonly DenseLayer[]): Activation {
  const last = layers.at(-1)!;
  if (last.activation !== 'linear') {
    throw new InputError(
      `layer ${last.name}: the last layer has the activation ${last.activation}, expected none or softmax`,
    );
  }
  const [first, ...rest] = layers.slice(0, -1);
  const stranger = rest.find(({ activation }) => activation !== first.activation);
  if (stranger) {
    throw new InputError(
      `layer ${stranger.name}: the activation ${stranger.activation}, expected ${first.activation} ` +
        `as after ${first.name}: hidden layers share one`,
    );
  }
  return first?.activation ?? ACTIVATIONS[0];
}

/** As the file tells it; else a square, if there is one; else one row. */
function imageSizeOf(pixels: number, image: ImageSize | undefined): ImageSize {
  if (image && image.width * image.height === pixels) return image;
  const side = Math.round(Math.sqrt(pixels));
  return side * side === pixels ? { width: side, height: side } : { width: pixels, height: 1 };
}

function decoded({ name, read }: StoredTensor): Float32Array {
  const data = read();
  checkFinite(name, data);
  return data;
}

/** The sides of an image in a shape without the batch, such as [28, 28], [28, 28, 1] or [1, 28, 28]. */
export function imageOfShape(shape: readonly number[]): ImageSize | undefined {
  const sides = shape.filter((extent) => extent !== 1);
  return sides.length === 2 ? { height: sides[0], width: sides[1] } : undefined;
}

/** [rows, columns] to [columns, rows], row-major. */
export function transpose(data: Float32Array, rows: number, columns: number): Float32Array {
  const transposed = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      transposed[column * rows + row] = data[row * columns + column];
    }
  }
  return transposed;
}
