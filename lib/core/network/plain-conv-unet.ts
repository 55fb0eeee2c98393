// nnU-Net's plain U-Net: stages of convolution, instance norm and leaky ReLU down, transposed convolutions up, and a
// segmentation head at every resolution but the lowest.

import type { Architecture } from '#core/planning/plans.ts';
import type { NetworkGraph, NodeId } from './graph.ts';
import { GraphBuilder, type Part } from './graph-builder.ts';

const LEAKY_SLOPE = 0.01;

/** The `PlainConvUNet` of an architecture. @see dynamic-network-architectures, architectures/unet.py */
export function plainConvUNet(architecture: Architecture, inputChannels: number, heads: number): NetworkGraph {
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

/** @returns the last node of each stage, highest resolution first; the last one is the bottleneck. */
function encoder(builder: GraphBuilder, architecture: Architecture, input: NodeId): NodeId[] {
  const skips: NodeId[] = [];
  let from = input;
  architecture.encoderBlocksPerStage.forEach((count, stage) => {
    const blocks = { part: 'encoder', prefix: `encoder.stages.${stage}.0`, stage, count } as const;
    from = convolutionBlocks(builder, architecture, from, { ...blocks, firstStride: at(architecture.strides, stage) });
    skips.push(from);
  });
  return skips;
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
function convolutionBlocks(builder: GraphBuilder, architecture: Architecture, input: NodeId, blocks: Blocks): NodeId {
  const { part, prefix, stage, count, firstStride } = blocks;
  let from = input;
  for (let i = 0; i < count; i++) {
    const name = `${prefix}.convs.${i}`;
    from = builder.convolution(
      from,
      { part, name: `${name}.conv` },
      {
        channels: at(architecture.featuresPerStage, stage),
        kernel: at(architecture.kernelSizes, stage),
        stride: i === 0 ? firstStride : unitStride(architecture),
        bias: architecture.convolutionBias,
      },
    );
    from = builder.instanceNorm(from, { part, name: `${name}.norm` }, architecture.normEpsilon);
    from = builder.leakyRelu(from, LEAKY_SLOPE);
  }
  return from;
}

const unitStride = (architecture: Architecture): number[] => Array<number>(architecture.dimensions).fill(1);

const totalStride = (architecture: Architecture): number[] =>
  architecture.strides.reduce(
    (total: number[], stride) => total.map((t, axis) => t * at(stride, axis)),
    unitStride(architecture),
  );

function at<T>(list: readonly T[], index: number): T {
  const entry = list[index];
  if (entry === undefined) throw new RangeError(`the architecture has no entry ${index} in a list of ${list.length}`);
  return entry;
}
