// An int8 network as ONNX has it: integers with their scales, QuantizeLinear and DequantizeLinear (QDQ) around every
// product, which runtimes then take of the integers. Activations have 8 bits there: those beyond 127 are not cut off.
import type { QuantisedLayer } from '../network/quantisation.ts';
import { type Layer, layersOf, type NetworkSpec } from '../network/spec.ts';
import type { Graph, Node, Tensor } from './onnx.ts';
import { transposed } from './quantised.ts';

export function int8Graph(network: NetworkSpec, quantised: readonly QuantisedLayer[]): Graph {
  const layers = layersOf(network);
  const last = layers.length - 1;
  return {
    nodes: layers.flatMap((layer) => nodesOf(layer, layer.index === last)),
    tensors: [
      { name: 'zero', shape: [], type: 'uint8', data: new Uint8Array(1) },
      ...layers.flatMap((layer) => tensorsOf(layer, quantised[layer.index])),
    ],
  };
}

function nodesOf({ index }: Layer, isLast: boolean): Node[] {
  const n = (name: string) => `${name}${index}`;
  const input = index === 0 ? 'pixels' : n('activation');
  const output = isLast ? 'logits' : n('sum');
  const dequantise = (name: string, inputs: readonly string[], axis?: number): Node => ({
    name: `dequantise_${name}`,
    operation: 'DequantizeLinear',
    inputs,
    output: `${name}_float32`,
    attribute: axis === undefined ? undefined : { name: 'axis', int: axis },
  });
  const inputs = ['input', 'kernel', 'bias'].map((name) => `${n(name)}_float32`);
  return [
    {
      name: `quantise_${n('input')}`,
      operation: 'QuantizeLinear',
      inputs: [input, n('input_scale'), 'zero'],
      output: n('input'),
    },
    dequantise(n('input'), [n('input'), n('input_scale'), 'zero']),
    dequantise(n('kernel'), [n('kernel'), n('kernel_scale'), n('kernel_zero')], 1),
    dequantise(n('bias'), [n('bias'), n('bias_scale')], 0),
    { name: n('dense'), operation: 'Gemm', inputs, output },
    ...(isLast
      ? []
      : [{ name: n('relu'), operation: 'Relu', inputs: [output], output: `activation${index + 1}` }]),
  ];
}

function tensorsOf({ index, inputs, units }: Layer, layer: QuantisedLayer): Tensor[] {
  const { kernel, kernelScale, bias, inputScale } = layer;
  const n = (name: string) => `${name}${index}`;
  const biasScale = kernelScale.map((scale) => scale * inputScale);
  return [
    { name: n('input_scale'), shape: [], type: 'float32', data: Float32Array.of(inputScale) },
    { name: n('kernel'), shape: [inputs, units], type: 'int8', data: transposed(kernel, units, inputs) },
    { name: n('kernel_scale'), shape: [units], type: 'float32', data: kernelScale },
    { name: n('kernel_zero'), shape: [units], type: 'int8', data: new Int8Array(units) },
    { name: n('bias'), shape: [units], type: 'int32', data: bias },
    { name: n('bias_scale'), shape: [units], type: 'float32', data: biasScale },
  ];
}
