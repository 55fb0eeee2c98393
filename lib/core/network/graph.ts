// The network as data. Engines execute it; the memory estimate, the parameter count, the picture and the weight files
// are read from the same nodes. Built from the plans by `build-network.ts`; knows no engine.

/** Position in `NetworkGraph.nodes`. */
export type NodeId = number;

/** One operation. `from` names earlier nodes only, so the array order is a valid execution order. */
export type GraphNode =
  | { readonly op: 'input'; readonly channels: number }
  | {
      readonly op: 'convolution';
      readonly from: NodeId;
      readonly inputChannels: number;
      readonly channels: number;
      /** Odd extents per axis; padding is (k - 1) / 2 on both sides. */
      readonly kernel: readonly number[];
      readonly stride: readonly number[];
      /** Parameter (out, in, ...kernel). */
      readonly weight: string;
      readonly bias: string | null;
    }
  | {
      /** Kernel = stride, no padding: each output block comes from one input voxel. */
      readonly op: 'transposed-convolution';
      readonly from: NodeId;
      readonly inputChannels: number;
      readonly channels: number;
      readonly stride: readonly number[];
      /** Parameter (in, out, ...stride). */
      readonly weight: string;
      readonly bias: string | null;
    }
  | {
      /** Statistics per sample and channel over space, population variance, in training and inference alike. */
      readonly op: 'instance-norm';
      readonly from: NodeId;
      readonly channels: number;
      readonly epsilon: number;
      readonly weight: string;
      readonly bias: string;
    }
  | { readonly op: 'leaky-relu'; readonly from: NodeId; readonly channels: number; readonly slope: number }
  /** The mean over blocks of `stride` voxels, which divide the extent. */
  | {
      readonly op: 'average-pool';
      readonly from: NodeId;
      readonly channels: number;
      readonly stride: readonly number[];
    }
  /** Voxel by voxel; all of one shape. */
  | { readonly op: 'add'; readonly from: readonly NodeId[]; readonly channels: number }
  /** Along channels, in the order given. */
  | { readonly op: 'concatenate'; readonly from: readonly NodeId[]; readonly channels: number };

/** The nodes whose results a node takes; none for the input. */
export function sourcesOf(node: GraphNode): readonly NodeId[] {
  if (node.op === 'input') return [];
  return typeof node.from === 'number' ? [node.from] : node.from;
}

/** How a parameter is drawn at the start of a training. */
export type Initialization =
  /** Normal with standard deviation sqrt(2 / (1 + 0.01²)) / sqrt(fanIn). */
  { readonly kind: 'kaiming-normal'; readonly fanIn: number } | { readonly kind: 'constant'; readonly value: number };

export interface Parameter {
  /** nnU-Net's state_dict name, for example `encoder.stages.0.0.convs.0.conv.weight`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly initialization: Initialization;
}

export interface NetworkGraph {
  readonly dimensions: 2 | 3;
  /** Node 0 is the input. */
  readonly nodes: readonly GraphNode[];
  /** Segmentation heads, highest resolution first. Logits of `heads` channels each. */
  readonly outputs: readonly NodeId[];
  readonly inputChannels: number;
  readonly heads: number;
  /** Product of all strides per axis: input extents must be multiples of it. */
  readonly divisor: readonly number[];
  /** Every parameter once, in nnU-Net's order: encoder, decoder stages, transposed convolutions, heads. */
  readonly parameters: readonly Parameter[];
}
