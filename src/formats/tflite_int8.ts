// An int8 network as TensorFlow Lite has it: signed activations, 128 below ours, and logits that are integers as well.
// Activations have 8 bits: those beyond 127 of ours are not cut off.
import type { QuantisedLayer } from '../network/quantisation.ts';
import { layersOf, type NetworkSpec } from '../network/spec.ts';
import type { StoredOperator, StoredTensor } from './tflite.ts';

export interface TfliteIntegers {
  readonly quantised: readonly QuantisedLayer[];
  /** The largest magnitude of a logit. */
  readonly logitRange: number;
}

/** The integer that stands for zero, of what is never negative. */
const LOWEST = -128;

/** The first tensor goes in and the last comes out, both float32. */
export function int8Graph(network: NetworkSpec, { quantised, logitRange }: TfliteIntegers, batch: number) {
  const layers = layersOf(network);
  const activation = (name: string, units: number, scale: number, zeroPoint = LOWEST): StoredTensor => ({
    name,
    shape: [batch, units],
    type: 'int8',
    quantisation: { scales: Float32Array.of(scale), zeroPoint },
  });
  const [pixels] = network.widths;
  const tensors: StoredTensor[] = [
    { name: 'pixels', shape: [batch, pixels] },
    activation('pixels_int8', pixels, quantised[0].inputScale),
  ];
  const operators: StoredOperator[] = [{ operator: 'QUANTIZE', inputs: [0], output: 1 }];
  let input = 1;
  for (const { index, inputs, units } of layers) {
    const { kernel, kernelScale, bias, inputScale } = quantised[index];
    const next = quantised[index + 1];
    const added: StoredTensor[] = [
      {
        name: `kernel${index}`,
        shape: [units, inputs],
        type: 'int8',
        quantisation: { scales: kernelScale, zeroPoint: 0 },
        data: kernel,
      },
      {
        name: `bias${index}`,
        shape: [units],
        type: 'int32',
        quantisation: { scales: kernelScale.map((scale) => scale * inputScale), zeroPoint: 0 },
        data: bias,
      },
      next
        ? activation(`dense${index}`, units, next.inputScale)
        : activation('logits_int8', units, logitRange / 127, 0),
    ];
    const first = tensors.push(...added) - added.length;
    operators.push({
      operator: 'FULLY_CONNECTED',
      inputs: [input, first, first + 1],
      output: first + 2,
      fused: next ? 'relu' : 'none',
    });
    input = first + 2;
  }
  const logits = tensors.push({ name: 'logits', shape: [batch, network.widths.at(-1)!] }) - 1;
  operators.push({ operator: 'DEQUANTIZE', inputs: [input], output: logits });
  return { tensors, operators };
}
