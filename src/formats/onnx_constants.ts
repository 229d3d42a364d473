// What a node of an ONNX graph takes in that does not depend on the pixels: initializers, constants, and either
// after a cast or a transposition.
import { InputError } from '../errors.ts';
import { fileOf, type NamedFile } from './named_files.ts';
import { DATA_TYPES } from './onnx.ts';
import type { OnnxGraph, OnnxNode, OnnxTensor } from './onnx_proto.ts';
import { decodeTensor } from './onnx_tensor.ts';

export interface Constant {
  readonly tensor: OnnxTensor;
  /** The tensor's shape, or that of its transpose. */
  readonly shape: readonly number[];
  readonly transposed: boolean;
}

/** Nodes between an initializer and its use at most. */
const MAX_DEPTH = 8;

export const FLOATS: readonly (number | undefined)[] = Object.values(DATA_TYPES);

export class Constants {
  private readonly producers = new Map<string, OnnxNode>();

  /**
   * @param files given along with the model
   * @throws InputError if there are some, and the model names none
   */
  constructor(
    private readonly graph: OnnxGraph,
    private readonly files: readonly NamedFile[],
  ) {
    if (files.length > 0 && this.otherFiles().length === 0) {
      throw new InputError('it has its parameters in itself, expected no other file along with it');
    }
    for (const node of graph.nodes) for (const output of node.outputs) this.producers.set(output, node);
  }

  /** A constant's numbers in the order of its tensor. @throws InputError if they are not as many */
  read({ tensor }: Constant, elements: number): Float32Array {
    return decodeTensor(tensor, elements, (path) => fileOf(path, this.otherFiles(), this.files));
  }

  /** All that initializers are in. */
  private otherFiles(): string[] {
    const tensors = [...this.graph.initializers.values()];
    return [...new Set(tensors.flatMap(({ external }) => external?.get('location') ?? []))];
  }

  /** @returns undefined if the operand is none */
  find(operand: string | undefined, depth = 0): Constant | undefined {
    if (!operand || depth > MAX_DEPTH) return undefined;
    const initializer = this.graph.initializers.get(operand);
    if (initializer) return { tensor: initializer, shape: initializer.shape, transposed: false };
    const node = this.producers.get(operand);
    if (!node) return undefined;
    return this.valueOf(node) ?? this.converted(node, this.find(node.inputs[0], depth + 1));
  }

  private valueOf({ operation, attributes }: OnnxNode): Constant | undefined {
    const tensor = operation === 'Constant' ? attributes.get('value')?.tensor : undefined;
    return tensor && { tensor, shape: tensor.shape, transposed: false };
  }

  private converted({ operation, attributes }: OnnxNode, value: Constant | undefined): Constant | undefined {
    if (!value || operation === 'Identity') return value;
    if (operation === 'Cast' && FLOATS.includes(attributes.get('to')?.int)) return value;
    const order = attributes.get('perm')?.ints.join() || '1,0';
    if (operation === 'Transpose' && value.shape.length === 2 && order === '1,0') {
      return { ...value, shape: value.shape.toReversed(), transposed: !value.transposed };
    }
    return undefined;
  }
}
