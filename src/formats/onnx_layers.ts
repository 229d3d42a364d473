// The dense layers that the nodes of an ONNX model make, one after another.
import { InputError } from '../errors.ts';
import { ACTIVATIONS, type Activation, LEAK } from '../network/activation.ts';
import { elementsOf } from '../network/plan.ts';
import { LIMITS } from '../network/spec.ts';
import { type DenseLayer, type StoredTensor, transpose } from './dense_stack.ts';
import { OPERATORS } from './onnx.ts';
import { type Constant, type Constants, FLOATS } from './onnx_constants.ts';
import type { OnnxNode } from './onnx_proto.ts';
import { integersOf } from './onnx_tensor.ts';

const ACTIVATION_OPERATORS = new Map<string, Activation>(
  ACTIVATIONS.filter((activation) => activation !== 'linear').map((each) => [OPERATORS[each], each]),
);

/** What changes no number, and may follow a softmax. */
const AFTER_SOFTMAX: readonly string[] = ['Identity', 'Cast'];

const ACCEPTED =
  `accepted are Gemm, or MatMul and Add, with ${[...ACTIVATION_OPERATORS.keys()].join(', ')} or nothing between, ` +
  'Flatten or Reshape and a division by 255 before, Softmax behind';

/** What is wrong with a node. */
function refusal({ name, operation, domain }: OnnxNode, why = 'no part of a dense network'): InputError {
  const kind = domain ? `${domain}.${operation}` : operation;
  return new InputError(`node ${name} (${kind}): ${why}; ${ACCEPTED}`);
}

type Adder = (node: OnnxNode, operand: string) => void;

export class DenseLayers {
  /** The pixels are divided by 255 before the first layer. */
  scaled = false;
  private readonly layers: DenseLayer[] = [];
  /** What the last layer may still get. */
  private open = { bias: false, activation: false };
  private normalised = false;

  private readonly adders: { readonly [operation: string]: Adder } = {
    Gemm: (node, operand) => this.addGemm(node, operand),
    MatMul: (node, operand) => this.addProduct(node, operand),
    Add: (node, operand) => this.addBias(node, operand),
    Div: (node, operand) => this.scale(node, operand, (by) => 1 / by),
    Mul: (node, operand) => this.scale(node, operand, (by) => by),
    Flatten: (node) => this.expectRows(node, (node.attributes.get('axis')?.int ?? 1) === 1),
    Reshape: (node) => this.expectRows(node, this.keepsRows(node)),
    Identity: () => {},
    Dropout: () => {},
    Cast: (node) => {
      if (!FLOATS.includes(node.attributes.get('to')?.int)) throw refusal(node, 'a cast to no float');
    },
    Softmax: (node) => this.normalise(node),
    LogSoftmax: (node) => this.normalise(node),
  };

  constructor(private readonly constants: Constants) {}

  /**
   * @param operand what comes from the node before
   * @throws InputError if the node is no part of a dense network
   */
  add(node: OnnxNode, operand: string): void {
    const { operation, domain } = node;
    const activation = ACTIVATION_OPERATORS.get(operation);
    const ours =
      (domain === '' || domain === 'ai.onnx') && (!this.normalised || AFTER_SOFTMAX.includes(operation));
    if (ours && activation) this.activate(node, activation);
    else if (ours && Object.hasOwn(this.adders, operation)) this.adders[operation](node, operand);
    else throw refusal(node);
  }

  /** @throws InputError if there is no layer */
  finish(): readonly DenseLayer[] {
    if (this.layers.length === 0) throw new InputError(`no Gemm or MatMul; ${ACCEPTED}`);
    return this.layers;
  }

  private addGemm(node: OnnxNode, operand: string): void {
    const { attributes, inputs } = node;
    const isOne = (name: string) => (attributes.get(name)?.float ?? 1) === 1;
    if (inputs[0] !== operand || attributes.get('transA')?.int)
      throw refusal(node, 'expected activations times parameters');
    if (!isOne('alpha') || !isOne('beta')) throw refusal(node, 'expected alpha and beta of 1');
    this.addLayer(node, inputs[1], attributes.get('transB')?.int === 1);
    if (inputs[2]) this.setBias(node, inputs[2]);
    this.open = { bias: false, activation: true };
  }

  private addProduct(node: OnnxNode, operand: string): void {
    if (node.inputs[0] !== operand) throw refusal(node, 'expected activations times parameters');
    this.addLayer(node, node.inputs[1], false);
    this.open = { bias: true, activation: true };
  }

  private addLayer(node: OnnxNode, operand: string, transposed: boolean): void {
    const constant = this.constants.find(operand);
    if (!constant) throw refusal(node, `${operand} is no constant`);
    const shape = transposed ? constant.shape.toReversed() : constant.shape;
    if (!isMatrix(shape)) throw refusal(node, `${operand} has the shape [${constant.shape.join(', ')}]`);
    if (this.layers.length === LIMITS.layers) throw refusal(node, `the limit is ${LIMITS.layers} layers`);
    const [inputs, units] = shape;
    const turned = transposed !== constant.transposed;
    const kernel = this.stored(constant, (data) => (turned ? transpose(data, units, inputs) : data));
    this.layers.push({ name: node.name, inputs, units, kernel, activation: 'linear' });
  }

  private stored(constant: Constant, convert: (data: Float32Array) => Float32Array): StoredTensor {
    const { name, shape } = constant.tensor;
    return { name, read: () => convert(this.constants.read(constant, elementsOf(shape))) };
  }

  private addBias(node: OnnxNode, operand: string): void {
    if (!this.open.bias) throw refusal(node);
    this.setBias(node, node.inputs[0] === operand ? node.inputs[1] : node.inputs[0]);
    this.open = { bias: false, activation: true };
  }

  private setBias(node: OnnxNode, operand: string): void {
    const constant = this.constants.find(operand);
    if (!constant) throw refusal(node, `${operand} is no constant`);
    const last = this.layers.at(-1)!;
    const shape = constant.shape.join(', ');
    if (shape !== `${last.units}` && shape !== `1, ${last.units}`) {
      throw refusal(node, `a bias of the shape [${shape}], expected [${last.units}]`);
    }
    this.layers.splice(-1, 1, { ...last, bias: this.stored(constant, (data) => data) });
  }

  private activate(node: OnnxNode, activation: Activation): void {
    if (!this.open.activation) throw refusal(node, 'expected a layer before it');
    // A slope that is not told is ONNX's own.
    const slope = node.attributes.get('alpha')?.float ?? 0.01;
    if (activation === 'leaky_relu' && Math.fround(slope) !== Math.fround(LEAK)) {
      throw refusal(node, `a slope of ${Number(slope.toPrecision(6))}, expected ${LEAK}`);
    }
    this.layers.splice(-1, 1, { ...this.layers.at(-1)!, activation });
    this.open = { bias: false, activation: false };
  }

  /** Networks here take pixels that are divided by 255 already. */
  private scale(node: OnnxNode, operand: string, factorOf: (by: number) => number): void {
    const [left, right] = node.inputs;
    const other = left === operand ? right : left;
    const constant = this.constants.find(other);
    const factor =
      constant && elementsOf(constant.shape) === 1 ? factorOf(this.constants.read(constant, 1)[0]) : 0;
    const divided = Math.abs(factor * 255 - 1) < 1e-6;
    const first = this.layers.length === 0 && !this.scaled;
    if (!first || !(divided || factor === 1) || (node.operation === 'Div' && left !== operand)) {
      throw refusal(node, 'a scale');
    }
    this.scaled = divided;
  }

  private expectRows(node: OnnxNode, keepsRows: boolean): void {
    if (!keepsRows) throw refusal(node, 'expected one row for each image');
  }

  /** Before the first layer any rows do: what an image has is counted at the end. */
  private keepsRows({ inputs }: OnnxNode): boolean {
    const units = this.layers.at(-1)?.units;
    const constant = this.constants.find(inputs[1]);
    const shape = constant && integersOf(constant.tensor);
    // A shape that is worked out from the batch is that of some rows; the next layer takes no others.
    if (!shape) return units === undefined && !constant;
    const [, columns] = shape;
    return shape.length === 2 && (units === undefined || columns === -1 || columns === units);
  }

  private normalise(node: OnnxNode): void {
    const axis = node.attributes.get('axis')?.int ?? -1;
    if (!this.open.activation || (axis !== -1 && axis !== 1)) throw refusal(node);
    this.normalised = true;
  }
}

const isMatrix = (shape: readonly number[]) => shape.length === 2 && shape.every((extent) => extent > 0);
