import type { Architecture } from '#core/planning/plans.ts';
import type { NodeId } from './graph.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { at, convolutionBlocks } from './u-net.ts';

/** Stages of convolution, instance norm and leaky ReLU. The encoder of nnU-Net's `PlainConvUNet`. */
export function plainConvEncoder(builder: GraphBuilder, architecture: Architecture, input: NodeId): NodeId[] {
  const skips: NodeId[] = [];
  let from = input;
  architecture.encoderBlocksPerStage.forEach((count, stage) => {
    const blocks = { part: 'encoder', prefix: `encoder.stages.${stage}.0`, stage, count } as const;
    from = convolutionBlocks(builder, architecture, from, { ...blocks, firstStride: at(architecture.strides, stage) });
    skips.push(from);
  });
  return skips;
}
