import { product } from '#core/geometry/axes.ts';
import type { GraphNode, Initialization, NetworkGraph, NodeId, Parameter } from './graph.ts';

/** Part of the network a parameter belongs to. Their order is the order of nnU-Net's state_dict. */
export type Part = 'encoder' | 'decoder stages' | 'transposed convolutions' | 'heads';

const PART_ORDER: readonly Part[] = ['encoder', 'decoder stages', 'transposed convolutions', 'heads'];

/** Names the parameters of one convolution, and where they stand. */
export interface Place {
  readonly part: Part;
  /** state_dict prefix up to `.weight`. */
  readonly name: string;
}

interface ConvolutionShape {
  readonly channels: number;
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly bias: boolean;
}

/**
 * Collects nodes in execution order and parameters in state_dict order, which differ: the decoder runs level by level,
 * while its transposed convolutions and heads are listed after all of its convolutions.
 */
export class GraphBuilder {
  readonly #nodes: GraphNode[] = [];
  readonly #parameters = new Map<Part, Parameter[]>(PART_ORDER.map((part) => [part, []]));

  input(channels: number): NodeId {
    return this.#add({ op: 'input', channels });
  }

  convolution(from: NodeId, { part, name }: Place, { channels, kernel, stride, bias }: ConvolutionShape): NodeId {
    const inputChannels = this.channelsOf(from);
    const weight = this.#parameter(part, `${name}.weight`, [channels, inputChannels, ...kernel], {
      kind: 'kaiming-normal',
      fanIn: inputChannels * product(kernel),
    });
    const biasName = bias ? this.#parameter(part, `${name}.bias`, [channels], ZERO) : null;
    return this.#add({ op: 'convolution', from, inputChannels, channels, kernel, stride, weight, bias: biasName });
  }

  transposedConvolution(
    from: NodeId,
    { part, name }: Place,
    { channels, stride, bias }: Omit<ConvolutionShape, 'kernel'>,
  ): NodeId {
    const inputChannels = this.channelsOf(from);
    const weight = this.#parameter(part, `${name}.weight`, [inputChannels, channels, ...stride], {
      kind: 'kaiming-normal',
      // PyTorch reads the fan-in off the second axis, which for a transposed convolution is the output.
      fanIn: channels * product(stride),
    });
    const biasName = bias ? this.#parameter(part, `${name}.bias`, [channels], ZERO) : null;
    return this.#add({ op: 'transposed-convolution', from, inputChannels, channels, stride, weight, bias: biasName });
  }

  /** @param scale what its weight starts with. */
  instanceNorm(from: NodeId, { part, name }: Place, epsilon: number, scale: 0 | 1 = 1): NodeId {
    const channels = this.channelsOf(from);
    const weight = this.#parameter(part, `${name}.weight`, [channels], { kind: 'constant', value: scale });
    const bias = this.#parameter(part, `${name}.bias`, [channels], ZERO);
    return this.#add({ op: 'instance-norm', from, channels, epsilon, weight, bias });
  }

  leakyRelu(from: NodeId, slope: number): NodeId {
    return this.#add({ op: 'leaky-relu', from, channels: this.channelsOf(from), slope });
  }

  averagePool(from: NodeId, stride: readonly number[]): NodeId {
    return this.#add({ op: 'average-pool', from, channels: this.channelsOf(from), stride });
  }

  add(first: NodeId, second: NodeId): NodeId {
    return this.#add({ op: 'add', from: [first, second], channels: this.channelsOf(first) });
  }

  concatenate(from: readonly NodeId[]): NodeId {
    const channels = from.map((id) => this.channelsOf(id)).reduce((a, b) => a + b, 0);
    return this.#add({ op: 'concatenate', from, channels });
  }

  channelsOf(id: NodeId): number {
    const node = this.#nodes[id];
    if (node === undefined) throw new RangeError(`node ${id} does not exist; the graph has ${this.#nodes.length}`);
    return node.channels;
  }

  /** The finished graph. @param outputs highest resolution first. */
  graph(facts: Pick<NetworkGraph, 'dimensions' | 'inputChannels' | 'heads' | 'divisor' | 'outputs'>): NetworkGraph {
    const parameters = PART_ORDER.flatMap((part) => this.#parameters.get(part) ?? []);
    return { ...facts, nodes: [...this.#nodes], parameters };
  }

  #add(node: GraphNode): NodeId {
    return this.#nodes.push(node) - 1;
  }

  #parameter(part: Part, name: string, shape: readonly number[], initialization: Initialization): string {
    this.#parameters.get(part)?.push({ name, shape, initialization });
    return name;
  }
}

const ZERO: Initialization = { kind: 'constant', value: 0 };
