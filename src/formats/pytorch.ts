// Linear layers of PyTorch in a safetensors file: `*.weight` [units, inputs] and `*.bias` [units] of each, in
// the order of their names.
import { InputError } from '../errors.ts';
import type { Activation } from '../network/activation.ts';
import { LIMITS } from '../network/spec.ts';
import { type DenseLayer, type DenseStack, transpose } from './dense_stack.ts';
import { checkFloats, type Safetensors, type Tensor } from './safetensors.ts';

/** Tries of orders until the layers count as not telling theirs. */
const MAX_TRIES = 10_000;

interface Linear {
  /** What its tensors' names begin with; empty of a Linear layer alone. */
  readonly stem: string;
  readonly weight: Tensor;
  readonly bias?: Tensor;
}

const inputsOf = ({ weight }: Linear) => weight.shape[1];
const unitsOf = ({ weight }: Linear) => weight.shape[0];
const tensorName = (stem: string, tensor: 'weight' | 'bias') => (stem ? `${stem}.${tensor}` : tensor);

const SOURCE = 'safetensors with the names and layout of PyTorch';

/**
 * @param activation of the hidden units, which the file does not tell: relu if left out
 * @throws InputError naming the first tensor that is none of a Linear layer, or the layers whose order is open
 */
export function readLinearLayers(contents: Safetensors, activation?: Activation): DenseStack {
  checkFloats(contents);
  const layers = inOrder(linearLayersOf(contents.tensors));
  return {
    source: layers.length > 1 && !activation ? `${SOURCE}, relu assumed` : SOURCE,
    layers: layers.map((layer, index) =>
      denseLayerOf(layer, index < layers.length - 1 ? (activation ?? 'relu') : 'linear'),
    ),
  };
}

function denseLayerOf({ stem, weight, bias }: Linear, activation: Activation): DenseLayer {
  const [units, inputs] = weight.shape;
  const kernel = {
    name: tensorName(stem, 'weight'),
    read: () => transpose(weight.data, units, inputs),
  };
  return {
    name: stem || 'weight',
    inputs,
    units,
    kernel,
    bias: bias && { name: tensorName(stem, 'bias'), read: () => bias.data },
    activation,
  };
}

function linearLayersOf(tensors: Safetensors['tensors']): Linear[] {
  const layers: Linear[] = [];
  for (const [name, tensor] of Object.entries(tensors)) {
    const [, stem = '', kind] = /^(?:(.*)\.)?(weight|bias)$/s.exec(name) ?? [];
    if (!kind) throw strange(name, 'no part of a dense network');
    if (kind === 'weight') layers.push(linearLayer(stem, tensor, tensors));
    else if (!Object.hasOwn(tensors, tensorName(stem, 'weight')))
      throw strange(name, `there is no ${tensorName(stem, 'weight')}`);
  }
  if (layers.length === 0) throw new InputError(`no tensor *.weight, ${EXPECTED}`);
  if (layers.length > LIMITS.layers)
    throw new InputError(`${layers.length} layers, the limit is ${LIMITS.layers}`);
  return layers;
}

function linearLayer(stem: string, weight: Tensor, tensors: Safetensors['tensors']): Linear {
  const name = tensorName(stem, 'bias');
  const bias = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
  if (weight.shape.length !== 2) {
    throw strange(tensorName(stem, 'weight'), `shape [${weight.shape.join(', ')}] is not that of a matrix`);
  }
  if (bias && bias.shape.join() !== String(weight.shape[0])) {
    throw strange(name, `shape [${bias.shape.join(', ')}] does not go with ${weight.shape[0]} units`);
  }
  return { stem, weight, bias };
}

const EXPECTED = 'expected the *.weight [units, inputs] and *.bias [units] of Linear layers';

const strange = (tensor: string, why: string) => new InputError(`tensor ${tensor}: ${why}, ${EXPECTED}`);

const naturalOrder = new Intl.Collator('en', { numeric: true });

/** Names that differ in numbers alone say which layer comes first. */
const pattern = ({ stem }: Linear) => stem.replace(/\d+/g, '#');

/**
 * The one order in which each layer takes in what the layer before puts out, and those that are numbered follow
 * their numbers.
 * @throws InputError if there is none, or more than one
 */
function inOrder(layers: readonly Linear[]): readonly Linear[] {
  const sorted = layers.toSorted((a, b) => naturalOrder.compare(a.stem, b.stem));
  const numbered = new Set(layers.map(pattern)).size === 1;
  // A gap in a chain of numbers is named by who takes the layers.
  if (numbered) return sorted;
  const [first, second] = chainsOf(sorted);
  const names = sorted.map(({ stem }) => stem || 'weight').join(', ');
  if (!first) {
    throw new InputError(`layers ${names}: in no order does each have the units of the one before as inputs`);
  }
  if (second) {
    throw new InputError(
      `layers ${names}: neither names nor widths tell their order, expected numbered layers`,
    );
  }
  return first;
}

/** The first two orders that are possible. @throws InputError if the search for them takes too long */
function chainsOf(sorted: readonly Linear[]): Linear[][] {
  const found: Linear[][] = [];
  let tries = 0;
  const extend = (chain: readonly Linear[], rest: readonly Linear[]): void => {
    if (rest.length === 0) found.push([...chain]);
    if (++tries > MAX_TRIES)
      throw new InputError(`${sorted.length} layers whose names do not tell their order, expected numbers`);
    const seen = new Set<string>();
    for (const next of rest) {
      if (found.length === 2) return;
      const isFirst = !seen.has(pattern(next));
      seen.add(pattern(next));
      const before = chain.at(-1);
      if (!isFirst || (before && inputsOf(next) !== unitsOf(before))) continue;
      extend(
        [...chain, next],
        rest.filter((each) => each !== next),
      );
    }
  };
  extend([], sorted);
  return found;
}
