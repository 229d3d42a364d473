// An int8 network's tensors in a safetensors file.
import { InputError } from '../errors.ts';
import { checkQuantised, type QuantisedLayer } from '../network/quantisation.ts';
import { type Layer, layersOf, type NetworkSpec } from '../network/spec.ts';
import type { IntegerTensor, Safetensors, Tensor } from './safetensors.ts';

/** The tensors of a layer by their names in the file. */
function namesOf({ index }: Layer) {
  const name = (tensor: string) => `dense${index}/${tensor}`;
  return {
    kernel: name('kernel'),
    bias: name('bias'),
    kernelScale: name('kernel_scale'),
    inputScale: name('input_scale'),
  };
}

/**
 * `dense0/kernel` int8 [inputs, units], `dense0/bias` int32 [units], `dense0/kernel_scale` float32 [units] and
 * `dense0/input_scale` float32 [1], …
 */
export function quantisedTensors(
  network: NetworkSpec,
  quantised: readonly QuantisedLayer[],
): Record<string, Tensor | IntegerTensor> {
  const tensors: Record<string, Tensor | IntegerTensor> = {};
  for (const layer of layersOf(network)) {
    const { inputs, units, index } = layer;
    const { kernel, bias, kernelScale, inputScale } = quantised[index];
    const names = namesOf(layer);
    tensors[names.kernel] = { shape: [inputs, units], data: transposed(kernel, units, inputs) };
    tensors[names.bias] = { shape: [units], data: bias };
    tensors[names.kernelScale] = { shape: [units], data: kernelScale };
    tensors[names.inputScale] = { shape: [1], data: Float32Array.of(inputScale) };
  }
  return tensors;
}

/** @throws InputError naming the first tensor that is missing, or not as it should be */
export function readQuantised(
  { tensors, integers }: Pick<Safetensors, 'tensors' | 'integers'>,
  network: NetworkSpec,
): QuantisedLayer[] {
  const layers = layersOf(network);
  const known = new Set(layers.flatMap((layer) => Object.values(namesOf(layer))));
  const stranger = [...Object.keys(tensors), ...Object.keys(integers)].find((name) => !known.has(name));
  if (stranger !== undefined) throw new InputError(`tensor ${stranger} has no place in an int8 network`);
  const quantised = layers.map((layer): QuantisedLayer => {
    const { inputs, units } = layer;
    const names = namesOf(layer);
    const kernel = find(integers, names.kernel, Int8Array, [inputs, units]);
    return {
      kernel: transposed(kernel, inputs, units),
      bias: find(integers, names.bias, Int32Array, [units]),
      kernelScale: find(tensors, names.kernelScale, Float32Array, [units]),
      inputScale: find(tensors, names.inputScale, Float32Array, [1])[0],
    };
  });
  checkQuantised(network, quantised);
  return quantised;
}

const TYPES = new Map<unknown, string>([
  [Int8Array, 'I8'],
  [Int32Array, 'I32'],
  [Float32Array, 'F32'],
]);

function find<A extends Int8Array | Int32Array | Float32Array>(
  tensors: { readonly [name: string]: Tensor | IntegerTensor },
  name: string,
  type: new (...given: never[]) => A,
  shape: readonly number[],
): A {
  const expected = `expected ${TYPES.get(type)} [${shape.join(', ')}] of an int8 network`;
  if (!Object.hasOwn(tensors, name)) throw new InputError(`no tensor ${name}, ${expected}`);
  const found = tensors[name];
  if (found.data instanceof type && found.shape.join() === shape.join()) return found.data;
  throw new InputError(
    `tensor ${name}: ${TYPES.get(found.data.constructor)} [${found.shape.join(', ')}], ${expected}`,
  );
}

/** int8 [rows, columns] to [columns, rows] */
export function transposed(values: Int8Array, rows: number, columns: number): Int8Array {
  const turned = new Int8Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = values[row * columns + column];
  }
  return turned;
}
