// The messages of an ONNX file that a dense network needs, out of Protocol Buffers. Field numbers are those of
// onnx.proto3.
import { PbfReader } from 'pbf';
import { InputError } from '../errors.ts';

/** Fields of messages in a file; large networks that are converted from other programs have some thousands. */
const MAX_FIELDS = 500_000;

export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Of TensorProto.DataType. */
  readonly type: number;
  /** Its numbers are in another file: `location`, and perhaps `offset` and `length` in bytes. */
  readonly external?: ReadonlyMap<string, string>;
  /** Its numbers, little-endian. */
  readonly raw?: Uint8Array;
  /** Packed: float32, int32 (which float16 may be in), int64. */
  readonly packed: { readonly [field: number]: Uint8Array };
}

export interface OnnxAttribute {
  readonly float?: number;
  readonly int?: number;
  readonly tensor?: OnnxTensor;
  readonly ints: readonly number[];
}

export interface OnnxNode {
  /** Its output's name, if it has none of its own. */
  readonly name: string;
  readonly operation: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

/** An input or output of the graph. */
export interface OnnxValue {
  readonly name: string;
  readonly type: number;
  /** Undefined for an extent with a name or none; undefined for a shape that is not told. */
  readonly shape?: readonly (number | undefined)[];
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

export interface OnnxModel {
  /** The program that wrote it and its version; empty if not told. */
  readonly producer: string;
  readonly graph: OnnxGraph;
  readonly properties: ReadonlyMap<string, string>;
}

/** A field's number and its value: a varint, or the bytes of anything else. */
type Field = readonly [field: number, value: number | Uint8Array];

const damaged = (why: string) => new InputError(`the ONNX model is damaged: ${why}`);

/** Reads messages, each within its own bytes, and no more fields than there may be. */
class Messages {
  private left = MAX_FIELDS;

  /** The fields of a message. @throws InputError if its bytes are none */
  *fieldsOf(message: Uint8Array): Generator<Field> {
    const pbf = new PbfReader(message);
    while (pbf.pos < message.length) {
      if (this.left-- === 0) throw damaged(`more than ${MAX_FIELDS} fields`);
      const field = fieldOf(pbf);
      if (pbf.pos > message.length) throw damaged('it ends early');
      yield field;
    }
  }
}

function fieldOf(pbf: PbfReader): Field {
  const field = varint(() => pbf.nextField());
  switch (pbf.type) {
    case 0:
      return [field, varint(() => pbf.readVarint(true))];
    case 1:
      pbf.pos += 8;
      return [field, pbf.buf.subarray(pbf.pos - 8, pbf.pos)];
    case 2:
      return [field, varint(() => pbf.readBytes())];
    case 5:
      pbf.pos += 4;
      return [field, pbf.buf.subarray(pbf.pos - 4, pbf.pos)];
    default:
      throw damaged(`a field of the unknown type ${pbf.type}`);
  }
}

/** What takes a number of at most ten bytes from the file. */
function varint<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw damaged('a number without an end');
  }
}

const utf8 = new TextDecoder();

function bytesOf(value: Field[1]): Uint8Array {
  if (typeof value === 'number') throw damaged('a number in the place of a text or message');
  return value;
}

const textOf = (value: Field[1]) => utf8.decode(bytesOf(value));

function numberOf(value: Field[1]): number {
  if (typeof value !== 'number') throw damaged('a text or message in the place of a number');
  return value;
}

/** One number, or several that are packed. */
function numbersOf(value: Field[1], numbers: number[]): void {
  if (typeof value === 'number') numbers.push(value);
  else for (const each of varintsOf(value)) numbers.push(each);
}

/** Packed varints, signed. @throws InputError if the last has no end */
export function* varintsOf(packed: Uint8Array): Generator<number> {
  const pbf = new PbfReader(packed);
  while (pbf.pos < packed.length) yield varint(() => pbf.readVarint(true));
}

/** @returns undefined if these are not the bytes of a model: there is no graph in them */
export function parseOnnx(bytes: Uint8Array): OnnxModel | undefined {
  const messages = new Messages();
  const properties = new Map<string, string>();
  let [producer, version]: string[] = ['', ''];
  let graph: OnnxGraph | undefined;
  try {
    for (const [field, value] of messages.fieldsOf(bytes)) {
      if (field === 2) producer = textOf(value);
      else if (field === 3) version = textOf(value);
      else if (field === 7) graph = parseGraph(bytesOf(value), messages);
      else if (field === 14) properties.set(...parseProperty(bytesOf(value), messages));
    }
  } catch (error) {
    if (bytes[0] !== START) return undefined;
    throw error;
  }
  return graph && { producer: [producer, version].filter(Boolean).join(' '), graph, properties };
}

/** A model begins with its version: the key of field 1, a varint. */
const START = 0x08;

function parseProperty(bytes: Uint8Array, messages: Messages): [string, string] {
  let [key, text]: string[] = ['', ''];
  for (const [field, value] of messages.fieldsOf(bytes)) {
    if (field === 1) key = textOf(value);
    else if (field === 2) text = textOf(value);
  }
  return [key, text];
}

function parseGraph(bytes: Uint8Array, messages: Messages): OnnxGraph {
  const nodes: OnnxNode[] = [];
  const initializers = new Map<string, OnnxTensor>();
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  for (const [field, value] of messages.fieldsOf(bytes)) {
    if (field === 1) nodes.push(parseNode(bytesOf(value), messages));
    else if (field === 11) inputs.push(parseValue(bytesOf(value), messages));
    else if (field === 12) outputs.push(parseValue(bytesOf(value), messages));
    else if (field === 5) {
      const tensor = parseTensor(bytesOf(value), messages);
      initializers.set(tensor.name, tensor);
    }
  }
  return { nodes, initializers, inputs, outputs };
}

function parseNode(bytes: Uint8Array, messages: Messages): OnnxNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  let [name, operation, domain]: string[] = ['', '', ''];
  for (const [field, value] of messages.fieldsOf(bytes)) {
    if (field === 1) inputs.push(textOf(value));
    else if (field === 2) outputs.push(textOf(value));
    else if (field === 3) name = textOf(value);
    else if (field === 4) operation = textOf(value);
    else if (field === 5) attributes.set(...parseAttribute(bytesOf(value), messages));
    else if (field === 7) domain = textOf(value);
  }
  return { name: name || (outputs[0] ?? ''), operation, domain, inputs, outputs, attributes };
}

function parseAttribute(bytes: Uint8Array, messages: Messages): [string, OnnxAttribute] {
  const ints: number[] = [];
  let name = '';
  let attribute: Omit<OnnxAttribute, 'ints'> = {};
  for (const [field, value] of messages.fieldsOf(bytes)) {
    if (field === 1) name = textOf(value);
    else if (field === 2) attribute = { ...attribute, float: viewOf(bytesOf(value), 4).getFloat32(0, true) };
    else if (field === 3) attribute = { ...attribute, int: numberOf(value) };
    else if (field === 5) attribute = { ...attribute, tensor: parseTensor(bytesOf(value), messages) };
    else if (field === 8) numbersOf(value, ints);
  }
  return [name, { ...attribute, ints }];
}

function viewOf(bytes: Uint8Array, size: number): DataView {
  if (bytes.length !== size) throw damaged(`${bytes.length} bytes in the place of ${size}`);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function parseTensor(bytes: Uint8Array, messages: Messages): OnnxTensor {
  const shape: number[] = [];
  const packed: { [field: number]: Uint8Array } = {};
  let name = '';
  let type = 0;
  let external = false;
  const entries = new Map<string, string>();
  let raw: Uint8Array | undefined;
  for (const [field, value] of messages.fieldsOf(bytes)) {
    if (field === 1) numbersOf(value, shape);
    else if (field === 2) type = numberOf(value);
    else if (field === 4 || field === 5 || field === 7) packed[field] = bytesOf(value);
    else if (field === 8) name = textOf(value);
    else if (field === 9) raw = bytesOf(value);
    else if (field === 13) entries.set(...parseProperty(bytesOf(value), messages));
    else if (field === 14) external = numberOf(value) === 1;
  }
  return { name, shape, type, external: external ? entries : undefined, raw, packed };
}

/** ValueInfoProto, its TypeProto.Tensor and TensorShapeProto. */
function parseValue(bytes: Uint8Array, messages: Messages): OnnxValue {
  let name = '';
  let type = 0;
  let shape: (number | undefined)[] | undefined;
  for (const [field, value] of messages.fieldsOf(bytes)) {
    if (field === 1) name = textOf(value);
    if (field !== 2) continue;
    for (const [kind, tensor] of messages.fieldsOf(bytesOf(value))) {
      if (kind !== 1) continue;
      for (const [part, content] of messages.fieldsOf(bytesOf(tensor))) {
        if (part === 1) type = numberOf(content);
        else if (part === 2) shape = parseShape(bytesOf(content), messages);
      }
    }
  }
  return { name, type, shape };
}

function parseShape(bytes: Uint8Array, messages: Messages): (number | undefined)[] {
  const shape: (number | undefined)[] = [];
  for (const [, dimension] of messages.fieldsOf(bytes)) {
    let extent: number | undefined;
    for (const [field, value] of messages.fieldsOf(bytesOf(dimension)))
      if (field === 1) extent = numberOf(value);
    shape.push(extent);
  }
  return shape;
}
