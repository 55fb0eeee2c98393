// nnU-Net's U-Nets: an encoder that says what each stage puts out, transposed convolutions up, and a segmentation head at
// every resolution but the lowest. Encoders: `plain-conv-encoder.ts`, `residual-encoder.ts`.

import type { Architecture } from '#core/planning/plans.ts';
import type { NetworkGraph, NodeId } from './graph.ts';
import { GraphBuilder, type Part, type Place } from './graph-builder.ts';

const LEAKY_SLOPE = 0.01;

/** Builds the stages. @returns the last node of each, highest resolution first; the last one is the bottleneck. */
export type Encoder = (builder: GraphBuilder, architecture: Architecture, input: NodeId) => NodeId[];

/** The U-Net of an architecture around an encoder. @see dynamic-network-architectures, architectures/unet.py */
export function uNet(architecture: Architecture, inputChannels: number, heads: number, encoder: Encoder): NetworkGraph {
  const builder = new GraphBuilder();
  const skips = encoder(builder, architecture, builder.input(inputChannels));
  const outputs = decoder(builder, architecture, skips, heads);
  return builder.graph({
    dimensions: architecture.dimensions,
    inputChannels,
    heads,
    divisor: totalStride(architecture),
    outputs: outputs.reverse(),
  });
}

/** @returns the head of each level, lowest resolution first. */
function decoder(builder: GraphBuilder, architecture: Architecture, skips: readonly NodeId[], heads: number): NodeId[] {
  const outputs: NodeId[] = [];
  const ones = unitStride(architecture);
  let from = at(skips, skips.length - 1);
  architecture.decoderConvolutionsPerStage.forEach((count, level) => {
    const stage = skips.length - 2 - level;
    const upsampled = builder.transposedConvolution(
      from,
      { part: 'transposed convolutions', name: `decoder.transpconvs.${level}` },
      { channels: at(architecture.featuresPerStage, stage), stride: at(architecture.strides, stage + 1), bias: true },
    );
    const joined = builder.concatenate([upsampled, at(skips, stage)]);
    const blocks = { part: 'decoder stages', prefix: `decoder.stages.${level}`, stage, count } as const;
    from = convolutionBlocks(builder, architecture, joined, { ...blocks, firstStride: ones });
    const head = { part: 'heads', name: `decoder.seg_layers.${level}` } as const;
    outputs.push(builder.convolution(from, head, { channels: heads, kernel: ones, stride: ones, bias: true }));
  });
  return outputs;
}

interface Blocks {
  readonly part: Part;
  readonly prefix: string;
  /** Encoder stage whose features and kernel these blocks have. */
  readonly stage: number;
  readonly count: number;
  readonly firstStride: readonly number[];
}

/** `count` times convolution, instance norm, leaky ReLU; only the first convolution strides. */
export function convolutionBlocks(
  builder: GraphBuilder,
  architecture: Architecture,
  input: NodeId,
  { part, prefix, stage, count, firstStride }: Blocks,
): NodeId {
  let from = input;
  for (let i = 0; i < count; i++) {
    const stride = i === 0 ? firstStride : unitStride(architecture);
    from = convolutionAndNorm(builder, architecture, from, { part, name: `${prefix}.convs.${i}`, stage, stride });
    from = rectified(builder, from);
  }
  return from;
}

interface Convolution extends Place {
  /** Encoder stage whose features and kernel it has. */
  readonly stage: number;
  readonly stride: readonly number[];
  /** What the norm's weight starts with. */
  readonly scale?: 0 | 1;
}

export function convolutionAndNorm(
  builder: GraphBuilder,
  architecture: Architecture,
  from: NodeId,
  { part, name, stage, stride, scale = 1 }: Convolution,
): NodeId {
  const convolution = builder.convolution(
    from,
    { part, name: `${name}.conv` },
    {
      channels: at(architecture.featuresPerStage, stage),
      kernel: at(architecture.kernelSizes, stage),
      stride,
      bias: architecture.convolutionBias,
    },
  );
  return builder.instanceNorm(convolution, { part, name: `${name}.norm` }, architecture.normEpsilon, scale);
}

export const rectified = (builder: GraphBuilder, from: NodeId): NodeId => builder.leakyRelu(from, LEAKY_SLOPE);

export const unitStride = ({ dimensions }: Architecture): number[] => Array<number>(dimensions).fill(1);

const totalStride = (architecture: Architecture): number[] =>
  architecture.strides.reduce(
    (total: number[], stride) => total.map((t, axis) => t * at(stride, axis)),
    unitStride(architecture),
  );

/** @throws {RangeError} past the end. */
export function at<T>(list: readonly T[], index: number): T {
  const entry = list[index];
  if (entry === undefined) throw new RangeError(`the architecture has no entry ${index} in a list of ${list.length}`);
  return entry;
}
