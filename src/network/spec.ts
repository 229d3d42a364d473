// The network: layer widths, their limits, and the text form "784-128-10".
import { InputError } from '../errors.ts';

/** A dense network: ReLU after every layer but the last, which yields logits. */
export interface NetworkSpec {
  /** Widths from the inputs over the hidden units to the classes; at least two. */
  readonly widths: readonly number[];
}

/** What is refused before anything is allocated. */
export const LIMITS = {
  /** Dense layers. */
  layers: 32,
  /** Inputs, or units of one layer. */
  units: 65_536,
  /** Kernels and biases together; 1 GiB in float32, and the optimizer keeps up to three more copies. */
  parameters: 2 ** 28,
} as const;

/**
 * Reads "784-128-10" and checks it against {@link LIMITS}.
 * @throws InputError naming the width or the limit that was crossed
 */
export function parseNetwork(text: string): NetworkSpec {
  if (!/^\d+(-\d+)+$/.test(text)) {
    throw new InputError(
      `network "${text}": expected layer widths joined by hyphens, inputs first and classes last, such as 784-128-10`,
    );
  }
  return checkNetwork({ widths: text.split('-').map(Number) });
}

/** The text form: `formatNetwork({ widths: [784, 128, 10] })` is "784-128-10". */
export function formatNetwork(network: NetworkSpec): string {
  return network.widths.join('-');
}

/**
 * @returns the same network
 * @throws InputError naming the width or the limit that was crossed
 */
export function checkNetwork(network: NetworkSpec): NetworkSpec {
  const { widths } = network;
  const text = formatNetwork(network);
  if (widths.length < 2) throw new InputError(`network "${text}": expected at least inputs and classes`);
  if (widths.length - 1 > LIMITS.layers) {
    throw new InputError(`network "${text}": ${widths.length - 1} layers, the limit is ${LIMITS.layers}`);
  }
  for (const width of widths) {
    if (!Number.isInteger(width) || width < 1 || width > LIMITS.units) {
      throw new InputError(
        `network "${text}": a layer of ${width} units; expected a whole number from 1 to ${LIMITS.units}`,
      );
    }
  }
  if (widths.at(-1)! < 2) throw new InputError(`network "${text}": expected at least 2 classes`);
  const parameters = countParameters(network);
  if (parameters > LIMITS.parameters) {
    throw new InputError(
      `network "${text}": ${parameters} parameters, the limit is ${LIMITS.parameters} (1 GiB in float32)`,
    );
  }
  return network;
}

/** What a network must fit. */
export interface DataShape {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly classes: number;
  /** What the classes are called, by label; left out where they are the numbers from 0. */
  readonly classNames?: readonly string[];
}

/** In a network's text: the data's pixels as the first width, their classes as the last one. */
const AUTO = 'auto';

/** Whether a network's text leaves a width to the data. */
export function hasAuto(text: string): boolean {
  return text.split('-').includes(AUTO);
}

/**
 * A network's text with the widths that it leaves to the data: "auto-128-auto" is "784-128-10" for MNIST.
 * @throws InputError if a width between the first and the last one is left to them
 */
export function resolveAuto(text: string, { width, height, classes }: DataShape): string {
  const widths = text.split('-');
  const last = widths.length - 1;
  if (widths.slice(1, last).includes(AUTO)) {
    throw new InputError(
      `network "${text}": auto is the first width, the data's pixels, or the last one, their classes; ` +
        'expected a number for each hidden layer',
    );
  }
  if (last > 0 && widths[0] === AUTO) widths[0] = String(width * height);
  if (last > 0 && widths[last] === AUTO) widths[last] = String(classes);
  return widths.join('-');
}

/** A network's text with its inputs and classes made to fit a data set. */
export function fitNetwork(text: string, dataset: DataShape): string {
  const hidden = text.split('-').slice(1, -1);
  return resolveAuto([AUTO, ...hidden, AUTO].join('-'), dataset);
}

/** @throws InputError unless the network reads the data's pixels and tells its classes apart */
export function checkFit(network: NetworkSpec, { name, width, height, classes }: DataShape): void {
  const { widths } = network;
  if (widths[0] === width * height && widths.at(-1) === classes) return;
  throw new InputError(
    `network "${formatNetwork(network)}": ${name} has ${width}×${height} pixels and ${classes} classes, ` +
      `expected ${width * height}-…-${classes}`,
  );
}

/** One dense layer of a network: `kernel` [inputs, units] row-major, `bias` [units]. */
export interface Layer {
  /** From 0, the layer next to the pixels. */
  readonly index: number;
  readonly inputs: number;
  readonly units: number;
}

export function layersOf(network: NetworkSpec): Layer[] {
  return network.widths.slice(1).map((units, index) => ({ index, inputs: network.widths[index], units }));
}

/** Elements of all kernels and biases. */
export function countParameters(network: NetworkSpec): number {
  return layersOf(network).reduce((sum, { inputs, units }) => sum + (inputs + 1) * units, 0);
}

/**
 * Floating-point operations of training on one image: of each kernel a product forward and two backward,
 * without the gradient of the pixels, which nobody needs.
 */
export function trainingOperations(network: NetworkSpec): number {
  const [first, ...rest] = layersOf(network).map(({ inputs, units }) => inputs * units);
  return 4 * first + 6 * rest.reduce((a, b) => a + b, 0);
}
