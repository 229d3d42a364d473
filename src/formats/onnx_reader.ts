// A dense network out of an ONNX model: the way from its input to its output, node by node.
import { InputError } from '../errors.ts';
import { elementsOf } from '../network/plan.ts';
import { type DenseStack, imageOfShape } from './dense_stack.ts';
import type { NamedFile } from './named_files.ts';
import { Constants } from './onnx_constants.ts';
import { DenseLayers } from './onnx_layers.ts';
import { type OnnxGraph, type OnnxModel, type OnnxNode, type OnnxValue, parseOnnx } from './onnx_proto.ts';

/** TensorProto.DataType.UINT8 */
const UINT8 = 2;

/**
 * @param files given along with the model, which may have its parameters there
 * @returns undefined if the bytes are no ONNX model
 * @throws InputError naming the first node that is no part of a dense network, or what is damaged
 */
export function readOnnx(bytes: Uint8Array, files: readonly NamedFile[]): DenseStack | undefined {
  const model = parseOnnx(bytes);
  if (!model) return undefined;
  const { graph, producer, properties } = model;
  const input = inputOf(graph);
  const layers = new DenseLayers(new Constants(graph, files));
  for (const { node, operand } of pathFrom(input.name, graph)) layers.add(node, operand);
  const stack = layers.finish();
  checkInput(input, stack[0].inputs, layers.scaled);
  return {
    source: producer ? `ONNX, written by ${producer}` : 'ONNX',
    layers: stack,
    image: toldImage(properties) ?? imageOf(input),
    dataset: properties.get('dataset'),
  };
}

/** The one input that is no parameter; older files list parameters as inputs, too. */
function inputOf({ inputs, initializers }: OnnxGraph): OnnxValue {
  const free = inputs.filter(({ name }) => !initializers.has(name));
  if (free.length === 1) return free[0];
  throw new InputError(`${free.length} inputs, expected one, the pixels`);
}

interface Step {
  readonly node: OnnxNode;
  /** What comes from the node before. */
  readonly operand: string;
}

/** The nodes from the input to the output, each of which takes in what the one before puts out. */
function* pathFrom(input: string, { nodes, outputs }: OnnxGraph): Generator<Step> {
  if (outputs.length !== 1) throw new InputError(`${outputs.length} outputs, expected one, the logits`);
  const [output] = outputs;
  const consumers = consumersIn(nodes);
  const visited = new Set<OnnxNode>();
  for (let operand = input; operand !== output.name; ) {
    const next = consumers.get(operand) ?? [];
    if (next.length === 0) throw new InputError(`nothing leads from ${operand} to the output ${output.name}`);
    const [node, branch] = next;
    if (branch) throw new InputError(`node ${branch.name} (${branch.operation}): a branch at ${operand}`);
    if (visited.has(node)) throw new InputError(`node ${node.name} (${node.operation}): part of a circle`);
    visited.add(node);
    yield { node, operand };
    operand = node.outputs[0] ?? '';
  }
}

/** Nodes by what they take in. The size of the batch, which some exporters work out, is no branch. */
function consumersIn(nodes: readonly OnnxNode[]): Map<string, OnnxNode[]> {
  const consumers = new Map<string, OnnxNode[]>();
  for (const node of nodes) {
    if (node.operation === 'Shape') continue;
    for (const input of new Set(node.inputs)) {
      const known = consumers.get(input);
      if (known) known.push(node);
      else consumers.set(input, [node]);
    }
  }
  return consumers;
}

/** @param scaled whether the network divides by 255 itself */
function checkInput({ name, type, shape }: OnnxValue, inputs: number, scaled: boolean): void {
  const [, ...extents] = shape ?? [];
  const known = extents.every((extent) => extent !== undefined);
  if (shape && known && elementsOf(extents) !== inputs) {
    const said = shape.map((extent) => extent ?? 'batch').join(', ');
    throw new InputError(`input ${name}: shape [${said}], expected ${inputs} numbers an image`);
  }
  if (type === UINT8 && !scaled) {
    throw new InputError(`input ${name}: pixels as uint8 without a division by 255, expected pixels / 255`);
  }
}

function imageOf({ shape }: OnnxValue): DenseStack['image'] {
  return imageOfShape((shape ?? []).slice(1).map((extent) => extent ?? 0));
}

/** In the metadata that this project writes. */
function toldImage(properties: OnnxModel['properties']): DenseStack['image'] {
  const [width, height] = [Number(properties.get('width')), Number(properties.get('height'))];
  return width > 0 && height > 0 ? { width, height } : undefined;
}
