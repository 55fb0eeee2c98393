// Writes a network as ONNX: the graph's nodes one to one, weights inside. Only the messages of onnx.proto that this
// needs, by the protocol buffers wire format. @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto

import { type GraphNode, type NetworkGraph, type NodeId, sourcesOf } from '#core/network/graph.ts';
import type { Tensors } from '#core/network/tensor.ts';

/** What `encodeOnnx` is to say beside the network. */
export interface OnnxDescription {
  /** Of this program, major.minor.patch. */
  readonly producerVersion: string;
  /** Kept as the model's properties, for whoever prepares its input. */
  readonly metadata: Readonly<Record<string, string>>;
}

// The oldest versions with all that is used, so that most runtimes read the file.
const IR_VERSION = 8;
const OPSET_VERSION = 17;
const FLOAT = 1;
/** A protocol buffers message must stay below. */
const MOST_BYTES = 0x7fff_ffff;

/**
 * One network as an ONNX model. Input `image` (batch, channels, ...space) float32, preprocessed; output `logits` (batch,
 * heads, ...space) of the highest resolution. Batch and extents are free; extents must be multiples of the graph's `divisor`.
 *
 * @throws {RangeError} if `weights` lack a parameter or have it in another shape, and from 2 GiB on, which the format cannot
 *   hold in one file.
 */
export function encodeOnnx(graph: NetworkGraph, weights: Tensors, description: OnnxDescription): Uint8Array {
  const [output = 0] = graph.outputs;
  const needed = ancestors(graph, output);
  const nodes = graph.nodes.map((node, id) => ({ node, id })).filter(({ id }) => needed.has(id));
  const used = new Set(nodes.flatMap(({ node }) => parametersOf(node)));
  const parameters = graph.parameters.filter(({ name }) => used.has(name));
  const initializers = parameters.map(({ name, shape }) => {
    const tensor = weights.get(name);
    if (tensor === undefined) throw new RangeError(`the weights lack ${name}`);
    if (tensor.shape.join() !== shape.join())
      throw new RangeError(`expected weights ${name} of shape ${shape.join(' x ')}, got ${tensor.shape.join(' x ')}`);
    const { data } = tensor;
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return message(5, ...shape.map((extent) => varint(1, extent)), varint(2, FLOAT), text(8, name), bytes(9, raw));
  });
  const body = message(
    7,
    ...nodes.map(({ node, id }) => nodeMessage(node, id, output)),
    text(2, 'pentafold'),
    ...initializers,
    valueInfo(11, INPUT, graph.inputChannels, graph.dimensions),
    valueInfo(12, OUTPUT, graph.heads, graph.dimensions),
  );
  const model = [
    varint(1, IR_VERSION),
    text(2, 'pentafold'),
    text(3, description.producerVersion),
    body,
    message(8, text(1, ''), varint(2, OPSET_VERSION)),
    ...Object.entries(description.metadata).map(([key, value]) => message(14, text(1, key), text(2, value))),
  ].flat();
  const size = model.reduce((sum, part) => sum + part.length, 0);
  if (size > MOST_BYTES) throw new RangeError(`an ONNX file holds less than 2 GiB, this network takes ${size} bytes`);
  return Buffer.concat(model, size);
}

const INPUT = 'image';
const OUTPUT = 'logits';

/** The nodes that an output is computed from, itself included: heads of deep supervision are left out. */
function ancestors(graph: NetworkGraph, output: NodeId): Set<NodeId> {
  const needed = new Set([output]);
  for (let id = output; id >= 0; id--) {
    const node = graph.nodes[id];
    if (node !== undefined && needed.has(id)) for (const from of sourcesOf(node)) needed.add(from);
  }
  return needed;
}

function parametersOf(node: GraphNode): string[] {
  if (!('weight' in node)) return [];
  return node.bias === null ? [node.weight] : [node.weight, node.bias];
}

/** Nothing for the input. */
function nodeMessage(node: GraphNode, id: NodeId, output: NodeId): Part[] {
  const performed = operation(node);
  if (performed === null) return [];
  const { type, attributes } = performed;
  const inputs = [...sourcesOf(node).map(valueName), ...parametersOf(node)];
  return message(
    1,
    ...inputs.map((name) => text(1, name)),
    text(2, id === output ? OUTPUT : valueName(id)),
    text(3, `${type}_${id}`),
    text(4, type),
    ...attributes,
  );
}

const valueName = (id: NodeId): string => (id === 0 ? INPUT : `value_${id}`);

interface Operation {
  readonly type: string;
  readonly attributes: readonly Part[][];
}

/** `null` for the input, which is none. */
function operation(node: GraphNode): Operation | null {
  switch (node.op) {
    case 'input':
      return null;
    case 'convolution': {
      const padding = node.kernel.map((extent) => (extent - 1) / 2);
      return {
        type: 'Conv',
        attributes: [
          integers('kernel_shape', node.kernel),
          integers('strides', node.stride),
          integers('pads', [...padding, ...padding]),
        ],
      };
    }
    case 'transposed-convolution':
      return {
        type: 'ConvTranspose',
        attributes: [integers('kernel_shape', node.stride), integers('strides', node.stride)],
      };
    case 'instance-norm':
      return { type: 'InstanceNormalization', attributes: [float('epsilon', node.epsilon)] };
    case 'leaky-relu':
      return { type: 'LeakyRelu', attributes: [float('alpha', node.slope)] };
    case 'average-pool':
      return {
        type: 'AveragePool',
        attributes: [integers('kernel_shape', node.stride), integers('strides', node.stride)],
      };
    case 'add':
      return { type: 'Sum', attributes: [] };
    case 'concatenate':
      return { type: 'Concat', attributes: [integer('axis', 1)] };
  }
}

function valueInfo(field: number, name: string, channels: number, dimensions: number): Part[] {
  const space = ['z', 'y', 'x'].slice(-dimensions).map((axis) => message(1, text(2, axis)));
  const shape = message(2, message(1, text(2, 'batch')), message(1, varint(1, channels)), ...space);
  return message(field, text(1, name), message(2, message(1, varint(1, FLOAT), shape)));
}

const integer = (name: string, value: number): Part[] => message(5, text(1, name), varint(3, value), varint(20, 2));

const integers = (name: string, values: readonly number[]): Part[] =>
  message(5, text(1, name), ...values.map((value) => varint(8, value)), varint(20, 7));

function float(name: string, value: number): Part[] {
  const fixed = Buffer.alloc(4);
  fixed.writeFloatLE(value);
  return message(5, text(1, name), [tag(2, 5), fixed], varint(20, 1));
}

// The wire format: a field is its number and type, then a varint, four bytes, or a length with as many bytes. Parts are
// joined once, at the end: weights are not copied on the way.

type Part = Uint8Array;

const message = (field: number, ...fields: Part[][]): Part[] => {
  const parts = fields.flat();
  return [tag(field, 2), number(parts.reduce((sum, part) => sum + part.length, 0)), ...parts];
};

const bytes = (field: number, content: Uint8Array): Part[] => [tag(field, 2), number(content.length), content];

const text = (field: number, content: string): Part[] => bytes(field, Buffer.from(content));

const varint = (field: number, value: number): Part[] => [tag(field, 0), number(value)];

const tag = (field: number, type: 0 | 2 | 5): Part => number(field * 8 + type);

/** Seven bits a byte, lowest first; the high bit says that more follow. Never negative here. */
function number(value: number): Part {
  const digits: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) digits.push((rest % 0x80) | 0x80);
  return Uint8Array.of(...digits, rest);
}
